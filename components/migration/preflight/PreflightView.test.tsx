// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PreflightReport } from '#lib/api/preflight.ts';
import { aPreflightEntry, aPreflightReport } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { PreflightView } from './PreflightView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/migration/preflight',
}));
let asked: string[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(report: PreflightReport | Response, search = '', mayEdit = true) {
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    return Promise.resolve(report instanceof Response ? report : new Response(JSON.stringify(report)));
  });
  return showPage(<PreflightView mayEdit={mayEdit} />, search);
}

const lacks = aPreflightEntry({
  check: 12,
  title: 'Nodes encrypt',
  status: 'unknown',
  subsystem: 'encryption and identity',
  findings: [],
  findingsTotal: 0,
  missing: ['encryption-status'],
});
const passes = aPreflightEntry({ check: 2, title: 'Fine check', status: 'pass', findings: [], findingsTotal: 0 });

test('the subsystem that fails is in sight first, each with its counts', async () => {
  show(aPreflightReport({ checks: [passes, lacks, aPreflightEntry()] }));
  const card = within(await screen.findByRole('region', { name: 'Policies' }));
  expect(card.getAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent)).toEqual([
    '7Some check',
    '2Fine check',
  ]);
  expect(card.getByText('CiliumNetworkPolicy payments/ledger')).toBeDefined();
  const list = within(screen.getByRole('navigation', { name: 'Subsystems' }));
  expect(list.getByRole('button', { name: /Encryption and identity.*1 unknown/ })).toBeDefined();
  expect(screen.queryByRole('region', { name: 'Encryption and identity' })).toBeNull();
});

test('a link to a check opens it with why, remedy and threads, and its missing input with the command and a place for the file', async () => {
  show(aPreflightReport({ checks: [passes, lacks, aPreflightEntry()] }), '?check=12');
  const card = within(await screen.findByRole('region', { name: 'Encryption and identity' }));
  expect(card.getByRole('button', { name: /Nodes encrypt/ }).getAttribute('aria-expanded')).toBe('true');
  expect(card.getByText('It breaks otherwise.')).toBeDefined();
  expect(card.getByText('cilium encryption status -o json > encryption-status.json')).toBeDefined();
  expect(card.getByRole('button', { name: 'Choose files' })).toBeDefined();
  expect(card.getByRole('link', { name: 'cilium#1' }).getAttribute('rel')).toContain('noopener');
});

test('who may not edit is offered no upload', async () => {
  show(aPreflightReport({ checks: [lacks] }), '?check=12', false);
  await screen.findByRole('region', { name: 'Encryption and identity' });
  expect(screen.queryByRole('button', { name: 'Choose files' })).toBeNull();
});

test('a press opens a check, and the address carries it', async () => {
  const changes = show(aPreflightReport({ checks: [passes] }));
  fireEvent.click(await screen.findByRole('button', { name: /Fine check/ }));
  await screen.findByText('It breaks otherwise.');
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?check=2'));
});

test('phase and status narrow, and nothing left says so', async () => {
  const changes = show(aPreflightReport(), '?phase=4');
  fireEvent.click(await screen.findByRole('button', { name: 'Show all checks' }));
  await screen.findByRole('region', { name: 'Policies' });
  await vi.waitFor(() => expect(changes.at(-1)).toBe(''));
});

test('a target version is asked with Enter; half of one is refused here', async () => {
  show(aPreflightReport());
  const field = await screen.findByRole('textbox', { name: 'Target version' });
  fireEvent.change(field, { target: { value: '1.x' } });
  fireEvent.click(screen.getByRole('button', { name: 'Check against it' }));
  expect(screen.getByRole('alert').textContent).toContain('A version');
  fireEvent.change(field, { target: { value: '1.20.0' } });
  fireEvent.click(screen.getByRole('button', { name: 'Check against it' }));
  await vi.waitFor(() => expect(asked.at(-1)).toBe('/api/v1/clusters/aegis-production/preflight?target=1.20.0'));
});

test('text of objects is shown, never hidden', async () => {
  const finding = { status: 'fail', object: 'Pod a/\u202egnp', message: 'odd' } as const;
  show(aPreflightReport({ checks: [aPreflightEntry({ findings: [finding] })] }));
  expect(await screen.findByText(String.raw`Pod a/\u{202e}gnp`)).toBeDefined();
});

test('inputs open with their ages and the commands of what is missing', async () => {
  show(aPreflightReport());
  fireEvent.click(await screen.findByRole('button', { name: 'Show inputs' }));
  const table = within(await screen.findByRole('table', { name: 'Inputs of preflight' }));
  const [, first, second] = table.getAllByRole('row');
  expect(first?.textContent).toContain('encryption-statusmissing');
  expect(second?.textContent).toContain('the API server');
});

test('a refusal and a failure say what to do', async () => {
  const problem = { type: '/problems/forbidden', title: 'forbidden', status: 403, detail: 'migration.read needs a role.' };
  show(new Response(JSON.stringify(problem), { status: 403 }));
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
});
