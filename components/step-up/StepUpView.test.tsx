// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StepUp } from '#lib/api/audit-log.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { StepUpView } from './StepUpView.tsx';

const router = { push: vi.fn<(path: string) => void>(), replace: vi.fn<(path: string) => void>() };
vi.mock('next/navigation', () => ({ useRouter: () => router }));
vi.mock('#components/frame/Theme.tsx', () => ({ ThemeButton: () => null }));

const COMMAND = '/api/v1/clusters/aegis-production/migration/gate-requests/r1/commands';
const aStepUp = (overrides: Partial<StepUp> = {}): StepUp => ({
  id: 's1',
  purpose: 'Approve phase 3 in PRD of Platform',
  state: 'asked',
  reason: '',
  askedAt: Date.now(),
  expiresAt: Date.now() + 600_000,
  provider: 'oidc',
  parameters: { prompt: 'login', max_age: '0' },
  command: { method: 'POST', path: COMMAND, body: { command: 'approve', evidenceHash: 'a'.repeat(64), comment: 'looked at it' } },
  returnTo: '/c/aegis-production/migration?phase=3',
  ...overrides,
});

let sent: { url: string; method: string; body: string }[] = [];
let went: string[] = [];
beforeEach(() => {
  sent = [];
  went = [];
  vi.spyOn(window.location, 'assign').mockImplementation((url) => void went.push(String(url)));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  router.push.mockClear();
  router.replace.mockClear();
});

type Answers = Readonly<Record<string, () => Response>>;

function show(stepUp: StepUp | Response, answers: Answers = {}, error?: string) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    if (url.startsWith('/api/v1/step-ups/'))
      return Promise.resolve(stepUp instanceof Response ? stepUp.clone() : new Response(JSON.stringify(stepUp)));
    const body = init?.body;
    sent.push({
      url,
      method: init?.method ?? 'GET',
      body: typeof body === 'string' ? body : body instanceof URLSearchParams ? body.toString() : '',
    });
    const answer = Object.entries(answers).find(([path]) => url.startsWith(path))?.[1];
    return Promise.resolve(answer?.() ?? new Response('{}'));
  });
  showPage(<StepUpView id="s1" person={{ name: 'Axel Approver', subject: 'demo|axel' }} error={error} />);
}

const signIn: Answers = {
  '/api/auth/csrf': () => new Response(JSON.stringify({ csrfToken: 't' })),
  '/api/auth/signin': () => new Response(JSON.stringify({ url: 'https://op.example/auth' })),
};

test('it says what is decided, on what evidence and with what words, before one signs in', async () => {
  show(aStepUp(), signIn);
  expect(await screen.findByRole('heading', { name: 'Approve phase 3 in PRD of Platform' })).toBeDefined();
  expect(screen.getByText(`sha256:${'a'.repeat(64)}`)).toBeDefined();
  expect(screen.getByText('looked at it')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Sign in again' }));
  await vi.waitFor(() => expect(went).toEqual(['https://op.example/auth']));
  expect(sent[1]?.url).toBe('/api/auth/signin/oidc?prompt=login&max_age=0');
  expect(sent[1]?.body).toContain('callbackUrl=%2Fstep-up%2Fs1');
});

test('a sign-in that came to nothing is told where it is tried again', async () => {
  show(aStepUp(), signIn, 'Your provider refused the sign-in.');
  expect((await screen.findByRole('alert')).textContent).toBe('Your provider refused the sign-in.');
  expect(screen.getByRole('button', { name: 'Sign in again' })).toBeDefined();
});

test('in demo mode the same demo user signs in again', async () => {
  const demo = { '/api/auth/callback/demo': () => new Response(JSON.stringify({ url: '/step-up/s1' })) };
  show(aStepUp({ provider: 'demo', parameters: {} }), { ...signIn, ...demo });
  fireEvent.click(await screen.findByRole('button', { name: 'Sign in again' }));
  await vi.waitFor(() => expect(went).toEqual(['/step-up/s1']));
  expect(sent[1]?.body).toContain('user=axel');
});

test('after the sign-in one button decides, by the command that waited with the step-up, and leads back', async () => {
  show(aStepUp({ state: 'verified' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Approve phase 3 in PRD of Platform' }));
  await screen.findByText('Done. It stands in the history of the gate.');
  expect(sent).toEqual([
    {
      url: COMMAND,
      method: 'POST',
      body: JSON.stringify({ command: 'approve', evidenceHash: 'a'.repeat(64), comment: 'looked at it', stepUp: 's1' }),
    },
  ]);
  await vi.waitFor(() => expect(router.replace).toHaveBeenCalledWith('/c/aegis-production/migration?phase=3'), 3000);
});

test('a decision that is refused says why, and is not sent again by itself', async () => {
  const problem = {
    type: '/problems/evidence-changed',
    title: 'the evidence has changed',
    status: 409,
    detail: 'Look at it again.',
  };
  show(aStepUp({ state: 'verified' }), { [COMMAND]: () => new Response(JSON.stringify(problem), { status: 409 }) });
  fireEvent.click(await screen.findByRole('button', { name: 'Approve phase 3 in PRD of Platform' }));
  expect((await screen.findByRole('alert')).textContent).toContain('Look at it again.');
  expect(sent).toHaveLength(1);
  fireEvent.click(screen.getByRole('button', { name: 'Back to the gate' }));
  expect(router.push).toHaveBeenCalledWith('/c/aegis-production/migration?phase=3');
});

test('a step-up that does not fit any more leads to a fresh one', async () => {
  const problem = {
    type: '/problems/step-up-required',
    title: 'sign in again',
    status: 403,
    detail: 'It was used.',
    place: { stepUp: 's2' },
  };
  show(aStepUp({ state: 'verified' }), { [COMMAND]: () => new Response(JSON.stringify(problem), { status: 403 }) });
  fireEvent.click(await screen.findByRole('button', { name: 'Approve phase 3 in PRD of Platform' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Sign in for it again' }));
  expect(router.push).toHaveBeenCalledWith('/step-up/s2');
});

test.each([
  ['expired', 'This has expired', 'it leads here with a fresh request'],
  ['used', 'This sign-in has been used', 'counts for one decision'],
  ['refused', 'This sign-in does not count', 'the provider did not say when you signed in'],
] as const)('%s offers no decision and the way back', async (state, title, words) => {
  show(aStepUp({ state, reason: state === 'refused' ? words : '' }));
  expect(await screen.findByText(title)).toBeDefined();
  expect(screen.getByRole('region', { name: 'Decision' }).textContent).toContain(words);
  expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull();
  expect(screen.getByRole('button', { name: 'Back to where you came from' })).toBeDefined();
});

test("another person's looks like none", async () => {
  show(new Response(JSON.stringify({ type: '/problems/not-found', title: 'not found', status: 404 }), { status: 404 }));
  expect(await screen.findByText('No decision of yours waits here')).toBeDefined();
});

test('a command that leads out of the API is not sent', async () => {
  show(aStepUp({ state: 'verified', command: { method: 'POST', path: 'https://evil.example/', body: {} } }));
  fireEvent.click(await screen.findByRole('button', { name: 'Approve phase 3 in PRD of Platform' }));
  await screen.findByRole('alert');
  expect(sent).toEqual([]);
});
