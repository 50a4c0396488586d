import { expect, test } from 'vitest';
import { HEADER_SCHEMA } from '#lib/receipts/receipt.ts';
import { headerHashOf } from '#lib/receipts/seal.ts';
import { aBatch, aLog } from '#lib/testing/log-answers.ts';
import { checkChain, countsOf, holdBatches, sawWords } from './log-view.ts';

const full = { nodes_expected: 4, nodes_connected: 4, lost_events: [], stream_gaps: [], clock_skew_ms_max: 4 };
const gap = { from: '2026-03-02T14:00:00.000000Z', to: '2026-03-02T14:00:09.000000Z', reason: 'relay-restarted' };

test.each([
  [full, true, 'all 4 nodes'],
  [{ ...full, nodes_expected: 1, nodes_connected: 1 }, true, 'the one node'],
  [{ ...full, nodes_connected: 3 }, false, '3 of 4 nodes'],
  [{ ...full, nodes_expected: 0, nodes_connected: 0 }, false, 'nodes not known'],
  [{ ...full, clock_skew_ms_max: 2000 }, true, 'all 4 nodes'],
  [{ ...full, clock_skew_ms_max: 2600 }, false, 'clocks 2.6\u00a0s apart'],
  [
    {
      ...full,
      nodes_connected: 0,
      lost_events: [
        { node: 'a', source: 'HUBBLE_RING_BUFFER', count: '1000' },
        { node: 'b', source: 'HUBBLE_RING_BUFFER', count: '18446744073709551615' },
      ],
      stream_gaps: [gap, gap],
    },
    false,
    '0 of 4 nodes, 18,446,744,073,709,552,615 lost, 2 gaps',
  ],
])('a batch says what it saw of %j', (completeness, isFull, words) => {
  expect(sawWords(completeness)).toMatchObject({ full: isFull, words });
});

test('classes that do not occur are not counted', () => {
  const { header } = aBatch();
  expect(countsOf({ ...header, receipt_counts: { audit: 3, dropped: 140, full: 0 } })).toEqual([
    { class: 'dropped', count: 140 },
    { class: 'audit', count: 3 },
  ]);
});

function chain(length: number) {
  const batches = [];
  let before = '0'.repeat(64);
  for (let seq = 0; seq < length; seq += 1) {
    const header = { ...aBatch().header, schema: HEADER_SCHEMA, seq, prev_header_hash: before } as const;
    before = headerHashOf(header);
    batches.unshift({ header, headerHash: before });
  }
  return batches;
}

test('a chain that holds is found to, whole or from anywhere on', () => {
  expect(checkChain(chain(5))).toEqual({ checked: 5, broken: [] });
  expect(checkChain(chain(5).slice(0, 2))).toEqual({ checked: 2, broken: [] });
  expect(checkChain([])).toEqual({ checked: 0, broken: [] });
});

test('a header that was changed is named, and so is one that follows another', () => {
  const batches = chain(4);
  const changed = batches.map((batch) =>
    batch.header.seq === 1 ? { ...batch, header: { ...batch.header, leaf_count: 9 } } : batch,
  );
  expect(checkChain(changed).broken.map(({ seq }) => seq)).toEqual([1]);
  const rewritten = changed.map((batch) => ({ ...batch, headerHash: headerHashOf(batch.header) }));
  expect(checkChain(rewritten).broken.map(({ seq }) => seq)).toEqual([2]);
  const begun = chain(1).map(({ header }) => ({ header: { ...header, prev_header_hash: 'ab'.repeat(32) } }));
  expect(checkChain(begun.map(({ header }) => ({ header, headerHash: headerHashOf(header) }))).broken).toHaveLength(1);
});

test('while somebody reads, rows stay, their standing does not, and newer ones are counted', () => {
  const shown = aLog(5).batches.map((batch) => ({ ...batch, standing: 'sealed' as const }));
  const newest = aLog(7, { shown: 4 }).batches;
  const { rows, waiting } = holdBatches(shown, newest);
  expect(rows.map(({ header, standing }) => [header.seq, standing])).toEqual([
    [4, 'witnessed'],
    [3, 'witnessed'],
    [2, 'sealed'],
    [1, 'sealed'],
    [0, 'sealed'],
  ]);
  expect(waiting).toBe(2);
  expect(holdBatches(aLog(3).batches, newest, true).waiting).toBe(4);
  expect(holdBatches(undefined, newest)).toEqual({ rows: newest, waiting: 0 });
  expect(holdBatches([], newest)).toEqual({ rows: newest, waiting: 0 });
});
