// @vitest-environment happy-dom
import { showPage } from '#lib/testing/show-page.tsx';
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aPolicyDetail, aPolicySource } from '#lib/testing/policy-answers.ts';
import { aWhatIfReport, anExplanation } from '#lib/testing/what-if-answers.ts';
import { keepDraft } from './drafts.ts';
import { WhatIfView } from './WhatIfView.tsx';

const pushed: string[] = [];
vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/policies/what-if',
  useRouter: () => ({ push: (href: string) => pushed.push(href) }),
}));

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly body: unknown;
}
let sent: Sent[] = [];
let answers: Record<string, unknown> = {};

beforeEach(() => {
  sent = [];
  pushed.length = 0;
  answers = {
    source: aPolicySource(),
    'what-if': aWhatIfReport(),
    'ledger-from-checkout': aPolicyDetail(),
    why: anExplanation(),
    'policy-sets': { sets: [] },
  };
  // There are no workers here: the server judges.
  vi.stubGlobal('Worker', undefined);
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    sent.push({ url, method: init.method ?? 'GET', body: init.body === undefined ? undefined : JSON.parse(init.body as string) });
    const name = url.split('?', 1)[0]?.split('/').at(-1) ?? '';
    return Promise.resolve(
      name in answers ? Response.json(answers[name]) : Response.json({ type: '/p', title: 'none', status: 404 }, { status: 404 }),
    );
  });
});
afterEach(() => {
  cleanup();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

function show(search = '', mayEdit = true) {
  return showPage(<WhatIfView mayEdit={mayEdit} />, search);
}
const judgedTexts = () => sent.flatMap(({ url, body }) => (url.endsWith('/what-if') ? [(body as { yaml: string }).yaml] : []));
const POLICY = '?range=24h&policy=cnp:payments/ledger-from-checkout';

test('a policy in force is loaded by its link and judged over the window; who judges is said', async () => {
  show(POLICY);
  expect(await screen.findByText(/2,418 distinct tuples, 316 M flows/)).toBeDefined();
  expect(judgedTexts()[0]).toContain('ledger-from-checkout');
  expect(sent.find(({ url }) => url.endsWith('/what-if'))?.body).toMatchObject({ range: '24h', mode: 'merge', removes: [] });
  expect(screen.getByText(/Judged by the server/)).toBeDefined();
  expect(await screen.findByText(/against the set in force/)).toBeDefined();
});

test('every tuple is in one figure, unknown is never allowed, and a row opens to both sides', async () => {
  const changes = show(POLICY);
  const denied = await screen.findByRole('list', { name: 'Newly denied' });
  fireEvent.click(within(denied).getByRole('button', { name: /checkout-api.*ledger.*GET \/v1\/balances/ }));
  expect(within(denied).getByText('In force')).toBeDefined();
  expect(within(denied).getByText('REDIRECTED by http[1]')).toBeDefined();
  expect(within(denied).getByText('at L7: path matches no rule', { selector: 'dd' })).toBeDefined();
  await waitFor(() => expect(changes.at(-1)).toContain('selected=1'));
  expect(screen.getByText(/never counted as allowed/)).toBeDefined();
  expect(screen.getByText('Address 198.51.100.20 had no DNS answer in the window')).toBeDefined();
  expect(screen.getByText('of 2,418, 99.9 %')).toBeDefined();
});

test('the smallest change for a question is loaded by a link that names the question', async () => {
  show('?range=24h&load=allow&src=gateway/web-bff&dst=payments/payments-db&port=5432');
  await waitFor(() => expect(judgedTexts()[0]).toContain('- toEndpoints:'));
});

test('edits of this tab come back, and can be discarded', async () => {
  const key = 'policy=cnp%3Apayments%2Fledger-from-checkout';
  keepDraft('aegis-production', key, { key, text: 'kind: Edited\n', mode: 'merge', removes: [], at: 1 });
  show(POLICY);
  expect(await screen.findByText(/Edits of this tab that were not saved are here again/)).toBeDefined();
  expect(judgedTexts()).toEqual(['kind: Edited\n']);
  fireEvent.click(screen.getByRole('button', { name: 'Discard them' }));
  await waitFor(() => expect(judgedTexts().at(-1)).toContain('ledger-from-checkout'), { timeout: 3000 });
  expect(sessionStorage.getItem('causeway:what-if:aegis-production')).toBeNull();
});

test('a candidate is stored by its name, watched with an alert where asked', async () => {
  show(POLICY);
  await screen.findByText(/2,418 distinct tuples/);
  fireEvent.click(screen.getByRole('button', { name: 'Save as candidate' }));
  const form = within(screen.getByRole('dialog', { name: 'Save as candidate' }));
  fireEvent.change(form.getByLabelText('Name'), { target: { value: 'ledger-lockdown' } });
  fireEvent.click(form.getByRole('checkbox'));
  fireEvent.change(form.getByLabelText(/^Alert from/), { target: { value: '10' } });
  fireEvent.click(form.getByRole('button', { name: 'Save candidate' }));
  await waitFor(() =>
    expect(sent.find(({ method, url }) => method === 'POST' && url.endsWith('/policy-sets'))?.body).toMatchObject({
      name: 'ledger-lockdown',
      watched: true,
      alertAt: 10,
      mode: 'merge',
    }),
  );
});

test('who may not store candidates is not offered it', async () => {
  show(POLICY, false);
  await screen.findByText(/2,418 distinct tuples/);
  expect(screen.queryByRole('button', { name: /Save/ })).toBeNull();
});

test('without a source of policies nothing can be tried, and the way to one is named', async () => {
  answers = { ...answers, source: aPolicySource({ kind: 'none', state: 'none', detail: '', kinds: [] }) };
  show(POLICY);
  expect(await screen.findByText(/--objects DIR/)).toBeDefined();
});
