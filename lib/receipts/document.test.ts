import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import { RECEIPT_CLASSES } from '#lib/api/receipts.ts';
import { MOST_PROOF_LINES, MOST_REQUEST_BYTES } from './add-checkpoint.ts';
import { MOST_DEPTH } from './canonical.ts';
import { preAuthEncoding, RECEIPT_TYPE } from './dsse.ts';
import { receiptJsonOf } from './forms.ts';
import { KEY_EVENT_TYPE } from './key-event.ts';
import { BatchHeader, Evidence, KeyEvent, Receipt, ReceiptProof } from './receipt.ts';
import { MOST_BYTES } from './strict-json.ts';
import { parseTrust } from './trust.ts';
import { VERIFY_STEPS, verifyReceipt } from './verify.ts';

const receipts = readFileSync('docs/receipts.md', 'utf8');
const witness = readFileSync('docs/witness.md', 'utf8');
const example = (name: string): string => readFileSync(`docs/examples/${name}`, 'utf8');

/** First cells of the table below a heading. */
function firstCells(page: string, heading: string): string[] {
  const section = page.slice(page.indexOf(`${heading}\n`)).split(/\n#+ /)[0] ?? '';
  return [...section.matchAll(/^\| ([^|]+?) \|/gm)].map(([, cell = '']) => cell).slice(1);
}

const verified = (text: string, quorum?: number) =>
  verifyReceipt(receiptJsonOf(text).json, {
    trust: parseTrust(example('trust.json')),
    verify: verifyByNode,
    ...(quorum !== undefined && { quorum }),
  });

// Made once, with keys that are gone: what was valid stays valid in every later version.
test('the example verifies in each form, and not with a byte changed', async () => {
  const { exit, steps } = await verified(example('receipt.json'));
  expect({ exit, told: steps.filter(({ status }) => status !== 'pass').map(({ id }) => id) }).toEqual({
    exit: 0,
    told: ['policy'],
  });
  expect((await verified(example('receipt.tlog-proof'))).exit).toBe(0);
  expect((await verified(example('receipt.json').replace('"port": 5432', '"port": 5433'))).exit).toBe(1);
  expect((await verified(example('receipt.json').replace('"nodes_connected": 4', '"nodes_connected": 5'))).exit).toBe(1);
  expect((await verified(example('receipt.json'), 2)).exit).toBe(4);
});

test('the page tells the steps as they are, in their order', () => {
  expect(firstCells(receipts, '### The steps')).toEqual(Object.values(VERIFY_STEPS).map((name, index) => `${index + 1} ${name}`));
});

test('the page tells every exit status', () => {
  expect(firstCells(receipts, '### Exit status')).toEqual(['0', '1', '2', '3', '4', '5']);
});

test.each([
  ...Object.keys(Evidence.shape),
  ...Object.keys(Receipt.shape),
  ...Object.keys(ReceiptProof.shape),
  ...Object.keys(BatchHeader.shape.completeness.shape),
  ...RECEIPT_CLASSES,
  ...KeyEvent.shape.event.options,
  'prev_header_hash',
  'key_events',
  'audit_head',
])('the page speaks of `%s`', (name) => {
  expect(receipts).toMatch(new RegExp(`\\b${name}\\b`));
});

test('the bytes before the body, types and limits are those of the code', () => {
  const start = new TextDecoder().decode(preAuthEncoding(RECEIPT_TYPE, new Uint8Array())).replace(/ 0 $/, '');
  expect(receipts).toContain(`${start} LEN BODY`);
  expect(receipts).toContain(KEY_EVENT_TYPE);
  expect(receipts).toContain(`at most ${MOST_BYTES / 1_000_000} MB, nesting ${MOST_DEPTH}`);
  expect(witness).toContain(`at most ${MOST_PROOF_LINES} lines of proof`);
  expect(witness).toContain(`at most ${MOST_REQUEST_BYTES / 1024} KiB`);
});

test('the page claims what a receipt may claim, and no more', () => {
  const words = receipts.replaceAll(/[\s*]+/g, ' ');
  expect(words).toContain(
    'At time T this witness, holding key K, recorded that Hubble on node N reported this flow with this verdict while the API server held policy P at generation G; the record has been in an append-only log since checkpoint C, and witness W saw that head.',
  );
  for (const not of [
    'that the packet was really stopped or delivered',
    'that no other packet passed',
    'that the node was honest',
    'that SPIFFE identities authenticated',
    'that the flow was encrypted end to end',
    'that the policy text is what the datapath had loaded at that instant',
  ])
    expect(words).toContain(not);
});
