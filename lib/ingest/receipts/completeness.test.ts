import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchHeader } from '#lib/receipts/receipt.ts';
import { CompletenessLog, completenessOf } from './completeness.ts';

const NODES = { nodesExpected: 2, nodesReporting: 2 };
const form = BatchHeader.shape.completeness;
const lost = (nodeName: string, count: number) => ({ nodeName, source: 'HUBBLE_RING_BUFFER' as const, count });

test('what was taken for a batch that was not written is told by the next one, once', () => {
  const log = new CompletenessLog();
  log.lost(lost('prd/a', 3));
  log.gap({ from: 0, to: 5000, reason: 'relay-unreachable' });
  for (let n = 0; n < 5; n += 1) log.seen('prd/a', 1000, 1700);
  const unseen = log.take();
  log.lost(lost('prd/a', 4));
  log.gap({ from: 5500, to: 9000, reason: 'relay-unreachable' });
  log.putBack(unseen);
  expect(completenessOf(log.take(), NODES)).toEqual({
    nodes_expected: 2,
    nodes_connected: 2,
    lost_events: [{ node: 'a', source: 'HUBBLE_RING_BUFFER', count: '7' }],
    stream_gaps: [{ from: '1970-01-01T00:00:00.000000Z', to: '1970-01-01T00:00:09.000000Z', reason: 'relay-unreachable' }],
    clock_skew_ms_max: 700,
  });
  expect(completenessOf(log.take(), NODES)).toMatchObject({ lost_events: [], stream_gaps: [], clock_skew_ms_max: 0 });
});

test('a clock that is behind or ahead shows in its promptest flow; a few flows prove nothing', () => {
  const log = new CompletenessLog();
  for (let n = 0; n < 10; n += 1) log.seen('prd/ahead', 10_000, 7500 + n);
  for (let n = 0; n < 4; n += 1) log.seen('prd/few', 0, 90_000);
  expect(log.take().skewMs).toBe(2500);
});

test('however much there is, it stays a header, and no lost event goes uncounted', () => {
  const log = new CompletenessLog();
  for (let n = 0; n < 1000; n += 1) {
    log.lost(lost(`prd/node-${n}`, 2));
    log.gap({ from: n * 60_000, to: n * 60_000 + 10, reason: `reason ${n % 3} ${'x'.repeat(600)}` });
  }
  const told = completenessOf(log.take(), NODES);
  expect(form.safeParse(told).success).toBe(true);
  expect(told.lost_events.reduce((sum, { count }) => sum + Number(count), 0)).toBe(2000);
  expect(told.stream_gaps.at(-1)?.to).toBe('1970-01-01T16:39:00.010000Z');
  expect(told.stream_gaps[0]?.from).toBe('1970-01-01T00:00:00.000000Z');
});

test('whatever is said of gaps, each moment of them is told', () => {
  const gap = fc.record({ from: fc.nat(100_000), length: fc.nat(5000), reason: fc.constantFrom('a', 'b') });
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 120 }), (gaps) => {
      const log = new CompletenessLog();
      for (const { from, length, reason } of gaps) log.gap({ from, to: from + length, reason });
      const taken = log.take().gaps;
      expect(taken.length).toBeLessThanOrEqual(50);
      for (const { from, length } of gaps) expect(taken.some((each) => each.from <= from && each.to >= from + length)).toBe(true);
    }),
  );
});

test('counts beyond what a number or a header holds are not made up', () => {
  const log = new CompletenessLog();
  log.lost(lost('prd/a', -1));
  log.lost(lost('prd/a', Number.NaN));
  log.gap({ from: Number.NaN, to: 1, reason: 'x' });
  expect(completenessOf(log.take(), NODES)).toMatchObject({ lost_events: [], stream_gaps: [] });
});
