// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aReceiptSummary } from '#lib/testing/receipt-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { type Attested, AttestButton } from './AttestButton.tsx';
import { FlowReceipt } from './FlowReceipt.tsx';
import { PairReceipts } from './PairReceipts.tsx';

vi.mock('next/navigation', () => ({ useParams: () => ({ cluster: 'aegis-production' }) }));

const ID = aReceiptSummary().id;
let asked: { url: string; body: unknown }[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function answer(body: unknown, status = 200) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push({ url, body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

async function attest(what: Attested, reason = 'incident 4711') {
  showPage(<AttestButton what={what} />);
  fireEvent.click(screen.getByRole('button', { name: 'Attest' }));
  fireEvent.change(await screen.findByLabelText(/^Reason/), { target: { value: reason } });
  const [, submit] = screen.getAllByRole('button', { name: 'Attest' });
  return submit as HTMLButtonElement;
}

test('a flow is attested with a reason, and leads to its receipt', async () => {
  answer({ receipts: [ID], missing: [] }, 201);
  fireEvent.click(await attest({ uuids: ['u1'] }));
  expect((await screen.findByRole('link', { name: 'Open the receipt' })).getAttribute('href')).toBe(
    `/c/aegis-production/receipts/${ID}`,
  );
  expect(asked).toEqual([
    { url: '/api/v1/clusters/aegis-production/receipts', body: { uuids: ['u1'], reason: 'incident 4711' } },
  ]);
});

test('without a reason nothing is asked', async () => {
  answer({});
  expect((await attest({ filter: '' }, ' x')).disabled).toBe(true);
});

test('flows that are no longer held are told', async () => {
  answer({ receipts: [], missing: ['u1'] }, 201);
  fireEvent.click(await attest({ uuids: ['u1'] }));
  expect(await screen.findByText(/1 of the flows is no longer held/)).toBeDefined();
});

test('a refusal is said and can be tried again', async () => {
  answer({ type: '/problems/conflict', title: 'conflict', status: 409, detail: 'the receipt key cannot be read' }, 409);
  fireEvent.click(await attest({ filter: 'ns:payments' }));
  expect((await screen.findByRole('alert')).textContent).toContain('the receipt key cannot be read');
});

test('a flow leads to the receipt it has', async () => {
  answer({ receipts: [aReceiptSummary()], total: 1 });
  showPage(<FlowReceipt uuid="u1" verdict="DROPPED" mayAttest />);
  expect((await screen.findByRole('link', { name: /open the receipt/ })).getAttribute('href')).toContain(ID);
  expect(asked[0]?.url).toBe('/api/v1/receipts?cluster=aegis-production&q=u1&limit=5');
  expect(screen.queryByRole('button', { name: 'Attest this flow' })).toBeNull();
});

test('a forwarded flow without one can be attested by whoever may', async () => {
  answer({ receipts: [], total: 0 });
  showPage(<FlowReceipt uuid="u1" verdict="FORWARDED" mayAttest />);
  expect(await screen.findByRole('button', { name: 'Attest this flow' })).toBeDefined();
  cleanup();
  showPage(<FlowReceipt uuid="u1" verdict="FORWARDED" mayAttest={false} />);
  expect(await screen.findByText(/None of its own/)).toBeDefined();
  expect(screen.queryByRole('button')).toBeNull();
});

test('what was attested stays told beside the receipt that appears', async () => {
  let receipts: unknown[] = [];
  vi.stubGlobal('fetch', (_url: string, init?: RequestInit) => {
    if (init?.method !== 'POST') return Promise.resolve(new Response(JSON.stringify({ receipts, total: receipts.length })));
    receipts = [aReceiptSummary({ class: 'attested' })];
    return Promise.resolve(new Response(JSON.stringify({ receipts: [ID], missing: [] }), { status: 201 }));
  });
  showPage(<FlowReceipt uuid="u1" verdict="FORWARDED" mayAttest />);
  fireEvent.click(await screen.findByRole('button', { name: 'Attest this flow' }));
  fireEvent.change(await screen.findByLabelText(/^Reason/), { target: { value: 'incident 4711' } });
  fireEvent.click(screen.getByRole('button', { name: 'Attest' }));
  expect(await screen.findByRole('link', { name: /, open the receipt$/ })).toBeDefined();
  expect(screen.getByRole('link', { name: 'Open the receipt' })).toBeDefined();
});

test('a pair leads to its receipts', async () => {
  answer({ receipts: [aReceiptSummary()], total: 12 });
  showPage(
    <PairReceipts
      source="gateway/web-bff"
      destination="fqdn:api.example.com"
      reason="POLICY_DENIED"
      filter="x"
      mayAttest={false}
    />,
  );
  expect((await screen.findByRole('link', { name: 'All 12' })).getAttribute('href')).toBe(
    '/c/aegis-production/receipts?verdict=DROPPED&q=gateway+web-bff+POLICY_DENIED',
  );
  expect(screen.getByRole('link', { name: new RegExp(`${ID}.*witnessed`) })).toBeDefined();
});
