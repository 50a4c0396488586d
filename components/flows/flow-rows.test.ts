import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowBatch, FlowJson, FlowPage } from '#lib/api/flows.ts';
import { aFlow } from '#lib/testing/flows.ts';
import { type FlowRows, MAX_LIVE_ROWS, NO_ROWS, type Row, type RowsAction, type StreamItem, foldRows } from './flow-rows.ts';

const flow = (time: number): FlowJson => aFlow({ time, uuid: `flow-${time}` }) as FlowJson;
const coverage: FlowPage['coverage'] = {
  nodesReporting: 4,
  nodesExpected: 4,
  missing: [],
  lost: {},
  lostTotal: 0,
  gaps: [],
};
const page = (times: number[], gaps: FlowPage['coverage']['gaps'] = []): FlowPage => ({
  flows: times.map(flow),
  coverage: { ...coverage, gaps },
});
const batch = (times: number[], more: Partial<FlowBatch> = {}): StreamItem => ({
  kind: 'batch',
  batch: { flows: times.map(flow), matched: times.length, verdicts: {}, skipped: 0, ...more },
});
const gap = (from: number, to: number): StreamItem => ({
  kind: 'gap',
  gap: { from, to, reason: 'relay-unreachable', nodeName: '' },
});
const fold = (actions: RowsAction[], from: FlowRows = NO_ROWS) => actions.reduce(foldRows, from);
const events = (...items: StreamItem[]): RowsAction => ({ type: 'events', events: items });
const hold = (held: boolean): RowsAction => ({ type: 'hold', held });
const shown = (rows: readonly Row[]) => rows.map((row) => (row.kind === 'flow' ? row.time : row.kind));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test('a batch, oldest first, is shown newest first above what was there', () => {
  const state = fold([{ type: 'page', page: page([3, 2, 1]) }, events(batch([4, 5]))]);
  expect(shown(state.rows)).toEqual([5, 4, 3, 2, 1]);
});

test('the first page may come after the first batch and repeat its flows', () => {
  const state = fold([events(batch([3, 4])), { type: 'page', page: page([4, 3, 2, 1]) }]);
  expect(shown(state.rows)).toEqual([4, 3, 2, 1]);
});

test('a resumed stream that repeats flows doubles nothing', () => {
  const state = fold([events(batch([1, 2])), events(batch([2, 3]))]);
  expect(shown(state.rows)).toEqual([3, 2, 1]);
});

test('flows without an id are told apart by content', () => {
  const twins = [aFlow({ time: 1, uuid: '' }), aFlow({ time: 1, uuid: '' }), aFlow({ time: 2, uuid: '' })] as FlowJson[];
  const state = fold([events({ kind: 'batch', batch: { flows: twins, matched: 3, verdicts: {}, skipped: 0 } })]);
  expect(shown(state.rows)).toEqual([2, 1]);
});

test('while the table is held nothing moves and what waits is counted', () => {
  const held = fold([events(batch([1, 2])), hold(true), events(batch([3]), gap(3, 4), batch([5, 6]))]);
  expect(shown(held.rows)).toEqual([2, 1]);
  expect(held.waitingFlows).toBe(3);
  const released = foldRows(held, hold(false));
  expect(shown(released.rows)).toEqual([6, 5, 'gap', 3, 2, 1]);
  expect(released).toMatchObject({ waiting: [], waitingFlows: 0, held: false });
});

test('flows that the waiting line could not keep are told where they are missing', () => {
  const many = range(10, 10 + MAX_LIVE_ROWS + 500);
  const held = fold([events(batch([1])), hold(true), events(batch(many))]);
  expect(held.waitingFlows).toBe(many.length);
  expect(held.waiting).toHaveLength(MAX_LIVE_ROWS);
  const released = foldRows({ ...held, waiting: held.waiting.slice(0, 100) }, hold(false));
  expect(released.rows[100]).toMatchObject({ kind: 'unsent', why: 'waiting', flows: many.length - 100 });
  expect(shown(released.rows.slice(101))).toEqual([1]);
});

test('memory is bounded however long the stream runs', () => {
  const state = fold(range(0, 60).map((round) => events(batch(range(round * 100, round * 100 + 100)))));
  expect(state.rows).toHaveLength(MAX_LIVE_ROWS);
  expect(state.keys.size).toBe(MAX_LIVE_ROWS);
  expect(state.rows[0]?.time).toBe(5999);
});

test('flows that were not sent to a slow browser are a line with their exact number', () => {
  const state = fold([events(batch([1])), events(batch([5], { skipped: 37 }))]);
  expect(state.rows[1]).toMatchObject({ kind: 'unsent', flows: 37, why: 'slow' });
  expect(shown(state.rows)).toEqual([5, 'unsent', 1]);
});

test('a gap of a page stands between the flows around it', () => {
  const gaps = [
    { from: 3, to: 7, reason: 'relay-unreachable', nodeName: '' },
    { from: 100, to: 200, reason: 'relay-unreachable', nodeName: '' },
  ];
  expect(shown(fold([{ type: 'page', page: page([9, 8, 2, 1], gaps) }]).rows)).toEqual([9, 8, 'gap', 2, 1]);
});

test('older pages go below', () => {
  const state = fold([
    { type: 'page', page: page([9, 8]) },
    { type: 'older', page: page([8, 7, 6]) },
  ]);
  expect(shown(state.rows)).toEqual([9, 8, 7, 6]);
});

test('clearing forgets the rows', () => {
  expect(fold([events(batch([1, 2])), { type: 'clear' }])).toEqual(NO_ROWS);
});

test('however a stream is cut into batches and frames, and wherever it is held, each flow is shown once', () => {
  const cuts = fc.array(fc.record({ size: fc.nat(5), frames: fc.boolean(), held: fc.boolean() }), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (rounds) => {
      let next = 0;
      let pending: StreamItem[] = [];
      let state = NO_ROWS;
      for (const { size, frames, held } of rounds) {
        pending.push(batch(range(next, (next += size))));
        if (!frames) continue;
        state = fold([hold(held), events(...pending)], state);
        pending = [];
      }
      state = fold([events(...pending), hold(false)], state);
      expect(shown(state.rows)).toEqual(range(0, next).toReversed());
    }),
  );
});
