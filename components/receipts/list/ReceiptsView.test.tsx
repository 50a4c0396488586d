// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ReceiptSummary } from '#lib/api/receipts.ts';
import { aReceiptSummary } from '#lib/testing/receipt-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { ReceiptsView } from './ReceiptsView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/receipts',
}));

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const OLDER = aReceiptSummary({
  id: 'rcpt_oaaaaaaaaaaaaaaaaaaaaaaaaa',
  source: 'shop/web',
  verdict: 'FORWARDED',
  class: 'aggregate',
  count: '1203',
});

function show(receipts: readonly ReceiptSummary[], search = '', state: 'running' | 'failing' = 'running') {
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    if (url.includes('/attestation')) return Promise.resolve(new Response(JSON.stringify(attestation(state))));
    const page = url.includes('cursor=')
      ? { receipts: [OLDER], total: 2 }
      : { receipts, total: receipts.length, ...(receipts.length > 0 && { nextCursor: 'c1' }) };
    return Promise.resolve(new Response(JSON.stringify(page)));
  });
  return showPage(<ReceiptsView />, search);
}

const attestation = (state: string) => ({
  state,
  problem: state === 'failing' ? 'the receipt key cannot be read' : '',
  stages: [],
  receipts: { total: 0, byClass: {} },
  series: [],
  nats: { state: 'off', detail: '', published: 0, consumed: 0, duplicates: 0, parked: 0, pending: 0 },
});

const table = async () => within(await screen.findByRole('table', { name: 'Receipts, newest first' }));

test('a receipt is told by its verdict, its ends and how far it has come, and leads to its page', async () => {
  show([aReceiptSummary()]);
  const row = within((await (await table()).findByText('POLICY_DENIED')).closest('tr') as HTMLElement);
  expect(row.getByText('DROPPED')).toBeDefined();
  expect(row.getByText('witnessed')).toBeDefined();
  expect(row.getByText('812,406')).toBeDefined();
  expect(row.getByRole('link', { name: /web-bff.*to.*payments-db/ }).getAttribute('href')).toBe(
    '/c/aegis-production/receipts/rcpt_k5xw6ylpgq3dcmrtgu4wemzxha',
  );
});

test('a finding without a flow is told by its rule and subject', async () => {
  const finding = { rule: 'R6', severity: 'suspected', reasons: ['x'], subject: 'cnp:shop/a' } as const;
  show([
    aReceiptSummary({
      class: 'finding',
      verdict: '',
      source: 'cnp:shop/a',
      destination: '',
      finding: { ...finding, reasons: ['x'] },
    }),
  ]);
  const rows = await table();
  expect(rows.getByText('R6 suspected')).toBeDefined();
  expect(rows.getByRole('link', { name: 'cnp:shop/a' })).toBeDefined();
});

test('the filter comes from the address, and what is pressed goes into it', async () => {
  const changes = show([aReceiptSummary()], '?class=dropped&q=ledger&range=1h');
  await table();
  expect(asked[0]).toBe('/api/v1/receipts?cluster=aegis-production&range=1h&q=ledger&class=dropped');
  fireEvent.click(screen.getByRole('radio', { name: 'AUDIT' }));
  await vi.waitFor(() => expect(changes.at(-1)).toContain('verdict=AUDIT'));
  await vi.waitFor(() => expect(asked.at(-1)).toContain('verdict=AUDIT'));
});

test('older receipts are added below', async () => {
  show([aReceiptSummary()]);
  fireEvent.click(await screen.findByRole('button', { name: 'Show older receipts' }));
  const rows = await table();
  expect(await rows.findByText('1,203')).toBeDefined();
  expect(rows.getByText('POLICY_DENIED', { selector: 'tr:first-child td' })).toBeDefined();
  expect(screen.getByText('2 shown, all there are')).toBeDefined();
});

test('nothing found, nothing recorded and nothing written are told apart', async () => {
  show([], '?q=nobody');
  expect(await screen.findByText('No receipt matches')).toBeDefined();
  cleanup();
  show([]);
  expect(await screen.findByText(/No receipts in the last 5/)).toBeDefined();
  cleanup();
  show([], '', 'failing');
  expect(await screen.findByText('Receipts cannot be written now')).toBeDefined();
  expect(screen.getByText('the receipt key cannot be read')).toBeDefined();
});

test('whoever may not read them is told so', async () => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(JSON.stringify({ type: '/problems/forbidden', title: 'forbidden', status: 403 }), { status: 403 }),
    ),
  );
  showPage(<ReceiptsView />);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
});
