// @vitest-environment happy-dom
import { bytesToHex } from '@noble/hashes/utils.js';
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sha256 } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { aBatch, aLog, LOG_AT } from '#lib/testing/log-answers.ts';
import { CLUSTER, TestNotary } from '#lib/testing/receipts.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { BatchesView } from './BatchesView.tsx';
import { rememberHead } from './growth.ts';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/receipts/batches',
}));

const tree = new MerkleTree(sha256);
const entries = Array.from({ length: 60 }, (_, index) => tree.leafHash(new Uint8Array([index])));
const rootOf = (size: number) => bytesToHex(tree.root(entries.slice(0, size)));
const notary = new TestNotary();
const noteOf = (size: number) => notary.checkpoint(size, tree.root(entries.slice(0, size)));

let asked: string[] = [];
beforeEach(() => {
  asked = [];
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Shows the page of a log of so many batches, whose head is over all of them. */
function show(length: number, { search = '', newest = aLog(length), problem = false } = {}) {
  const head = {
    size: length,
    root: rootOf(length),
    at: LOG_AT,
    witnesses: [{ name: 'security-witness', at: LOG_AT + 7000 }],
    note: length > 0 ? noteOf(length) : '',
  };
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const query = new URL(url, 'http://console').searchParams;
    if (problem) return answer({ type: '/problems/forbidden', title: 'forbidden', status: 403 }, 403);
    if (url.includes('/attestation')) return answer(ATTESTATION);
    if (url.includes('/consistency')) {
      const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
      const path = tree.consistencyProof(entries.slice(0, to), from).map(bytesToHex);
      return answer({ from, to, fromRoot: rootOf(from), toRoot: rootOf(to), path });
    }
    const before = query.get('before');
    const shown = { shown: Number(query.get('limit')), ...(before !== null && { before: Number(before) }) };
    const whole = before === null ? newest : aLog(length, shown);
    const page =
      query.get('gaps') === null
        ? whole
        : {
            batches: whole.batches.filter(({ header }) => header.completeness.nodes_connected < 4),
            next: before === null ? 7 : undefined,
          };
    return answer({ ...page, ...(length > 0 && { head }) });
  });
  return showPage(<BatchesView />, search);
}
const answer = (body: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(body), { status }));
const ATTESTATION = {
  state: 'failing',
  problem: 'the receipt key cannot be read',
  stages: [],
  receipts: { total: 0, byClass: {} },
  series: [],
  nats: { state: 'off', detail: '', published: 0, consumed: 0, duplicates: 0, parked: 0, pending: 0 },
};

const table = async () => within(await screen.findByRole('table', { name: 'Batches, newest first' }));
const rowOf = async (seq: string) => within((await (await table()).findByText(seq)).closest('tr') as HTMLElement);

test('a batch that did not see everything says what in its row, and the page how many did', async () => {
  const { batches } = aLog(3);
  const completeness = { ...aBatch().header.completeness, nodes_connected: 3 };
  const [first, ...rest] = batches;
  const newest = { batches: [{ ...first, ...aBatch({ ...first?.header, completeness }) }, ...rest] };
  show(3, { newest });
  expect((await rowOf('2')).getByText('3 of 4 nodes')).toBeDefined();
  expect((await rowOf('1')).getByText('all 4 nodes')).toBeDefined();
  expect(screen.getByText('2 of these 3 saw everything')).toBeDefined();
  expect(screen.getByText('Their chain holds, computed in this browser')).toBeDefined();
});

test('a chain that does not hold is said aloud', async () => {
  const [first, ...rest] = aLog(3).batches;
  const header = { ...aBatch().header, ...first?.header, prev_header_hash: 'ab'.repeat(32) };
  show(3, { newest: { batches: [aBatch(header), ...rest] } });
  expect((await screen.findByText(/The chain is broken at batch 2/)).textContent).toContain('another header');
});

test('a batch opens in the drawer with its link, what it did not see first, and leads to its receipts', async () => {
  const changes = show(3);
  fireEvent.click(await screen.findByRole('button', { name: 'Batch 1' }));
  const drawer = within(await screen.findByRole('complementary'));
  expect(drawer.getByText(/All that was expected/)).toBeDefined();
  expect(drawer.getByText('computed in this browser from the header')).toBeDefined();
  expect(drawer.getByRole('link', { name: 'Show its 143 receipts' }).getAttribute('href')).toBe(
    '/c/aegis-production/receipts?batch=1',
  );
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?batch=1'));
  fireEvent.click(drawer.getByRole('button', { name: 'batch 0' }));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?batch=0'));
});

test('a batch that is linked to is read alone where it is not in sight; one that is not there is said not to be', async () => {
  show(60, { search: '?batch=3' });
  expect(await screen.findByRole('link', { name: 'Show its 143 receipts' })).toBeDefined();
  expect(asked).toContain('/api/v1/batches?cluster=aegis-production&limit=1&before=4');
  cleanup();
  show(5, { search: '?batch=77' });
  expect(await screen.findByText('The newest is batch 4.')).toBeDefined();
});

test('older batches are added below, down to the first', async () => {
  show(60);
  fireEvent.click(await screen.findByRole('button', { name: 'Show older batches' }));
  expect(await screen.findByText('60 batches shown, down to the first of the log')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Show older batches' })).toBeNull();
});

test('any batch is gone to by its number', async () => {
  const changes = show(60);
  fireEvent.change(await screen.findByRole('textbox', { name: 'Batch' }), { target: { value: '7' } });
  fireEvent.click(screen.getByRole('button', { name: 'Go to' }));
  expect(await screen.findByText('8 batches shown, down to the first of the log')).toBeDefined();
  expect(changes.at(-1)).toBe('?upto=7');
  fireEvent.click(screen.getByRole('button', { name: 'Back to the newest' }));
  expect(await screen.findByText('50 batches shown')).toBeDefined();
});

test('a browser that comes back proves that the log only grew since, and remembers the head of now', async () => {
  rememberHead(CLUSTER, { size: 21, root: rootOf(21), at: Date.now() - 3_600_000 });
  show(60);
  expect(await screen.findByText('The log only grew')).toBeDefined();
  expect(screen.getByText(/its 21 batches are the beginning of today’s 60/)).toBeDefined();
  cleanup();
  show(60);
  expect(await screen.findByText(/it is the same head, of 60 batches/)).toBeDefined();
});

test('a log that was rewritten raises the alarm, and stays so until somebody takes the new one', async () => {
  rememberHead(CLUSTER, { size: 21, root: 'ab'.repeat(32), at: Date.now() });
  show(60);
  expect(await screen.findByText('This is not the log that was here before')).toBeDefined();
  cleanup();
  show(60);
  fireEvent.click(await screen.findByRole('button', { name: 'Remember the head of now instead' }));
  expect(screen.getByText(/It remembers this one/)).toBeDefined();
});

test.each([
  ['a head of this log', () => noteOf(12), /its 12 batches are the beginning of today’s 60/],
  ['a longer log than there is', () => noteOf(60).replace('\n60\n', '\n70\n'), /the log was longer then/],
  ['a head of another log', () => noteOf(12).replaceAll(CLUSTER, 'other'), /it is a head of another log/],
  ['something else', () => 'hello', /cannot be compared: this is no signed note/],
])('a file with %s is compared with the head of now', async (_, text, words) => {
  show(60);
  const input = await screen.findByLabelText('A checkpoint of this log from earlier');
  await screen.findByText(/It remembers this one/);
  fireEvent.change(input, { target: { files: [new File([text()], 'kept.checkpoint')] } });
  expect(await screen.findByText(words)).toBeDefined();
});

test('an empty log says why, and whoever may not read it is told so', async () => {
  show(0);
  expect(await screen.findByText('No batches can be sealed now')).toBeDefined();
  expect(screen.getByText('the receipt key cannot be read')).toBeDefined();
  cleanup();
  show(0, { problem: true });
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
});

test('only batches that missed something are listed where that is asked for, as far back as one looks', async () => {
  const { batches } = aLog(3);
  const completeness = { ...aBatch().header.completeness, nodes_connected: 3 };
  const newest = {
    batches: batches.map((batch) => (batch.header.seq === 1 ? aBatch({ ...batch.header, completeness }) : batch)),
  };
  const changes = show(3, { newest });
  fireEvent.click(await screen.findByRole('radio', { name: 'Missed something' }));
  expect(await screen.findByText('1 batch shown')).toBeDefined();
  expect(changes.at(-1)).toBe('?gaps=true');
  expect(screen.queryByText(/Their chain holds/)).toBeNull();
  cleanup();
  show(3, { search: '?gaps=true' });
  fireEvent.click(await screen.findByRole('button', { name: 'Look further back' }));
  expect(await screen.findByText('None, down to the first of the log')).toBeDefined();
});
