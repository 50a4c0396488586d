import { expect, test } from 'vitest';
import { hourSeries, newestP99, rateOf, stageMark } from './pipeline-view.ts';

const NOW = Date.parse('2026-03-02T14:03:27Z');
const minute = (ago: number) => Date.parse('2026-03-02T14:03:00Z') - ago * 60_000;
const point = (ago: number, receipts: number, gaps = 0) => ({ at: minute(ago), receipts, gaps, p50Ms: 100, p99Ms: 900 + ago });

test('the last hour has a value for each minute: none stored is 0, not measured is no number', () => {
  const { times, receipts, p99, gaps } = hourSeries([point(3, 12, 2), point(1, 0), point(0, 7)], NOW);
  expect([times.length, times.at(-1)]).toEqual([60, minute(0)]);
  expect(receipts.slice(-5)).toEqual([Number.NaN, 12, 0, 0, 7]);
  expect(p99.slice(-4)).toEqual([903, Number.NaN, Number.NaN, 900]);
  expect(gaps.slice(-4)).toEqual([2, 0, 0, 0]);
});

test('the newest lag that is known is that of the newest minute with receipts', () => {
  expect(newestP99(hourSeries([point(3, 12), point(0, 0)], NOW))).toBe(903);
  expect(newestP99(hourSeries([], NOW))).toBeUndefined();
});

test('heads are counted by the minute, receipts by the second', () => {
  const stage = { perSecond: 0.1, waiting: 0, failures: 0 };
  expect(rateOf({ ...stage, stage: 'logged' })).toBe(6);
  expect(rateOf({ ...stage, stage: 'stored' })).toBe(0.1);
});

test.each([
  ['stored', 1999, 0, 'in time'],
  ['stored', 2001, 0, 'late'],
  ['stored', 2001, 3, 'late'],
  ['stored', 12, 3, 'has failed before'],
  ['logged', 12_000, 0, 'in time'],
  ['witnessed', 41_000, 0, 'late'],
  ['witnessed', undefined, 0, 'nothing yet'],
] as const)('%s, %s ms behind with %s failures, is %s', (stage, lagMs, failures, words) => {
  const { words: said } = stageMark({ stage, perSecond: 1, waiting: 0, failures, ...(lagMs !== undefined && { lagMs }) });
  expect(said).toBe(words);
});
