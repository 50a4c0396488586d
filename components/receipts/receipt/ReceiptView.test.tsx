// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ReceiptDetail } from '#lib/api/receipts.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { aReceiptDetail } from '#lib/testing/receipt-answers.ts';
import { anEvidence, TestNotary } from '#lib/testing/receipts.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { ReceiptView } from './ReceiptView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/receipts',
}));

const notary = new TestNotary();
let receipt: Receipt;
let asked: string[] = [];

beforeAll(async () => {
  receipt = await notary.receipt([anEvidence({ port: 1 }), anEvidence()], 1);
});
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

interface Answers {
  readonly detail?: ReceiptDetail;
  readonly bundle?: string;
  readonly trust?: string;
}

function show({ detail = aReceiptDetail(receipt), bundle = JSON.stringify(receipt), trust }: Answers = {}) {
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    if (url.includes('trust.json')) return Promise.resolve(new Response(trust ?? JSON.stringify(notary.trustFile())));
    return Promise.resolve(new Response(url.includes('/bundle') ? bundle : JSON.stringify(detail)));
  });
  showPage(<ReceiptView id={receipt.receipt_id} />);
}

const sheet = async () => within(await screen.findByRole('article', { name: 'Receipt' }));

test('a receipt opens with its sentence, and what it does not claim stands in the same frame', async () => {
  show();
  const document = await sheet();
  expect(await document.findByText('10 of 10 required checks pass here')).toBeDefined();
  expect(document.getByText(/recorded that Hubble/, { selector: 'p' }).textContent).toContain(
    'since checkpoint 1, and witness security-witness saw that head.',
  );
  expect(document.getByRole('link', { name: 'gateway/bff-to-checkout' }).getAttribute('href')).toBe(
    '/c/aegis-production/policies/cnp/gateway/bff-to-checkout',
  );
  const not = within(document.getByRole('region', { name: 'What this receipt does not claim' }));
  expect(not.getAllByRole('listitem')).toHaveLength(6);
  expect(not.getByText('that the packet was really stopped')).toBeDefined();
});

test('what is verified is the file that is handed out, in eleven steps', async () => {
  show();
  const panel = within(await screen.findByRole('complementary', { name: 'Verification' }));
  expect(within(await panel.findByRole('list', { name: 'Steps of the verification' })).getAllByRole('listitem')).toHaveLength(11);
  expect(panel.getByText(/^in this browser, no network, .* ms$/)).toBeDefined();
  expect(panel.getByText(`causeway verify ${receipt.receipt_id}.json --trust trust.json`)).toBeDefined();
  expect(asked).toContain(`/api/v1/receipts/${receipt.receipt_id}/bundle?format=json`);
  expect(screen.getByRole('link', { name: 'Download receipt' }).getAttribute('href')).toBe(
    `/api/v1/receipts/${receipt.receipt_id}/bundle?format=json`,
  );
});

test('a file that does not verify is told so before its sentence, which claims no witness', async () => {
  show({ bundle: JSON.stringify({ ...receipt, flow: receipt.flow && { ...receipt.flow, port: 5433 } }) });
  const document = await sheet();
  expect((await document.findByRole('alert')).textContent).toContain('nothing of it may be relied on');
  expect(document.getByText('not valid here')).toBeDefined();
  expect(document.getByText(/recorded that Hubble/, { selector: 'p' }).textContent).not.toContain('saw that head');
});

test('the way leads to the witness, with every hash on demand', async () => {
  show();
  const way = within(await screen.findByRole('region', { name: 'From this flow to the witness' }));
  expect(await way.findByText('security-witness')).toBeDefined();
  fireEvent.click(way.getByRole('button', { name: 'Show the hash' }));
  expect(way.getByText(receipt.proof?.batch_path[0] ?? '')).toBeDefined();
});

test('a receipt that was just sealed says what it still waits for', async () => {
  const { proof, ...rest } = receipt;
  const young: Receipt = { ...rest, ...(proof && { proof: { batch_path: proof.batch_path, header: proof.header } }) };
  show({ detail: aReceiptDetail(young, { standing: 'sealed', witnesses: [] }), bundle: JSON.stringify(young) });
  const document = await sheet();
  expect(await document.findByText('not witnessed enough here')).toBeDefined();
  expect(document.getByText(/no signed head of the log is known to hold it yet/, { selector: 'p' })).toBeDefined();
  const way = within(screen.getByRole('region', { name: 'From this flow to the witness' }));
  expect(way.getAllByText('not yet')).toHaveLength(2);
});

test('without a trust bundle nothing is said to be verified', async () => {
  show({ trust: 'none' });
  expect(await screen.findByText(/Without a trust bundle nothing can be verified/)).toBeDefined();
  expect((await sheet()).getByText('not checked here')).toBeDefined();
  expect((await sheet()).getByText(/recorded that Hubble/, { selector: 'p' }).textContent).not.toContain('log');
});

test('a receipt that is not there is told apart from one that cannot be read', async () => {
  const refuse = (status: number) =>
    vi.stubGlobal('fetch', () =>
      Promise.resolve(new Response(JSON.stringify({ type: '/problems/x', title: 'no', status }), { status })),
    );
  refuse(404);
  showPage(<ReceiptView id={receipt.receipt_id} />);
  expect(await screen.findByText('There is no such receipt')).toBeDefined();
  cleanup();
  refuse(500);
  showPage(<ReceiptView id={receipt.receipt_id} />);
  await waitFor(() => expect(screen.getByRole('button', { name: 'Try again' })).toBeDefined());
});
