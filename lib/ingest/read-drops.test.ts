import { expect, test } from 'vitest';
import { DropsQuery } from '#lib/api/drops.ts';
import type { Gap } from '#lib/flow/flow.ts';
import { RollupBuffer } from '#lib/ledger/rollup-buffer.ts';
import { aDroppedFlow } from '#lib/testing/flows.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { History } from './history.ts';
import { readDrops } from './read-drops.ts';

const MINUTE = 60_000;
const T = 1_772_460_000_000;

/** A history in which each of these minutes (after T) has dropped flows. */
function historyOf(minutes: readonly number[], gaps: readonly Gap[] = []): History {
  const rolling = new RollingTopology({ cluster: 'c' });
  const buffer = new RollupBuffer();
  for (const minute of minutes) {
    const flow = aDroppedFlow({ time: T + minute * MINUTE + 500, uuid: `u${minute}` });
    buffer.add(flow, rolling.attribution.attribute(flow));
  }
  const rollups = buffer.drain();
  return {
    cluster: 'c',
    rolling,
    rollups: async ({ from, to }) => rollups.filter(({ bucket }) => bucket >= from && bucket < to),
    coverage: async (_rollups, { from, to }) => ({
      nodesReporting: 1,
      nodesExpected: 1,
      missing: [],
      lost: {},
      lostTotal: 0,
      gaps: gaps.filter((gap) => gap.to >= from && gap.from <= to),
      newestFlow: undefined,
    }),
    seenBefore: async () => new Set(),
    oldest: async () => rollups[0]?.bucket,
  };
}

const minutes = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
/** The five minutes from minute 10 on. */
const report = (history: History) => readDrops(history, DropsQuery.parse({}), { from: T + 10 * MINUTE, to: T + 15 * MINUTE });
const gapOf = (nodeName: string): Gap => ({ from: T + 6 * MINUTE, to: T + 6.5 * MINUTE, reason: 'relay-restarted', nodeName });

test('the window before is compared with when it is known whole', async () => {
  expect((await report(historyOf(minutes(4, 15)))).comparable).toBe(true);
});

test.each([
  ['counting began within it', historyOf(minutes(6, 15))],
  ['counting began in its first minute, which is not whole', historyOf(minutes(5, 15))],
  ['nothing was received for a minute of it', historyOf([...minutes(0, 7), ...minutes(8, 15)])],
  ['flows of the whole cluster are missing', historyOf(minutes(0, 15), [gapOf('')])],
  ['there is nothing at all', historyOf([])],
])('it is not compared with when %s', async (_, history) => {
  expect((await report(history)).comparable).toBe(false);
});

test('one node that was away for a moment hides no change', async () => {
  expect((await report(historyOf(minutes(0, 15), [gapOf('c/a')]))).comparable).toBe(true);
});

test('a drop is called new only when traffic is remembered from a window’s length before', async () => {
  const newOf = async (history: History) => (await report(history)).pairs.map(({ newlySeen }) => newlySeen);
  expect(await newOf(historyOf([0, 12]))).toEqual([true]);
  expect(await newOf(historyOf([7, 12]))).toEqual([false]);
  expect(await newOf(historyOf([12]))).toEqual([false]);
});
