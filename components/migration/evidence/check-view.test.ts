import { expect, test } from 'vitest';
import type { CheckSeries } from '#lib/api/migration.ts';
import { NOW, aCheck } from '#lib/testing/tracker-answers.ts';
import {
  ageWords,
  chosenSeries,
  countChecks,
  failingSince,
  figureName,
  measuredAt,
  sortedChecks,
  thresholdWords,
  windowShare,
} from './check-view.ts';

const series = (check: string, statuses: readonly ('pass' | 'fail' | 'unknown')[] = ['pass', 'pass']): CheckSeries => ({
  check,
  title: check,
  unit: '%',
  points: statuses.map((status, index) => ({ at: NOW + index * 60_000, value: index, status })),
});

test('checks sort fail, unknown, pass, and within each as the plan has them', () => {
  const checks = [
    aCheck({ id: 'a' }),
    aCheck({ id: 'b', status: 'unknown' }),
    aCheck({ id: 'c', status: 'fail' }),
    aCheck({ id: 'd' }),
    aCheck({ id: 'e', status: 'fail' }),
  ];
  expect(sortedChecks(checks).map(({ id }) => id)).toEqual(['c', 'e', 'b', 'a', 'd']);
  expect(countChecks(checks)).toEqual({ pass: 2, fail: 2, unknown: 1, total: 5 });
});

test('the chart shows the figure asked for, else that of the first check that does not pass', () => {
  const all = [series('a'), series('b'), series('c')];
  const checks = [aCheck({ id: 'a' }), aCheck({ id: 'b', status: 'unknown' }), aCheck({ id: 'c', status: 'fail' })];
  expect(chosenSeries(all, checks, 'a')?.check).toBe('a');
  expect(chosenSeries(all, checks, null)?.check).toBe('c');
  expect(chosenSeries(all, [aCheck({ id: 'a' })], null)?.check).toBe('a');
});

test('a figure that never moved is drawn only where its check does not pass, or where it is asked for', () => {
  const flat = { ...series('a'), points: series('a').points.map((point) => ({ ...point, value: 1 })) };
  expect(chosenSeries([flat], [aCheck({ id: 'a' })], null)).toBeUndefined();
  expect(chosenSeries([flat], [aCheck({ id: 'a' })], 'a')).toBe(flat);
  expect(chosenSeries([flat], [aCheck({ id: 'a', status: 'fail' })], null)).toBe(flat);
});

test('what has no time of its own is as old as the evaluation; unknown has no age', () => {
  expect(measuredAt({ status: 'pass' }, NOW)).toBe(NOW);
  expect(measuredAt({ status: 'fail', at: 5 }, NOW)).toBe(5);
  expect(measuredAt({ status: 'unknown' }, NOW)).toBeUndefined();
  expect(ageWords({ kind: 'cluster', missing: ['nodes'] })).toBe('missing');
  expect(ageWords({ kind: 'traffic', missing: [] })).toBe('not read');
});

test('one point is no chart', () => {
  expect(chosenSeries([series('a', ['fail'])], [aCheck({ id: 'a', status: 'fail' })], 'a')).toBeUndefined();
});

test('failing since counts back from the last point and stops at the first that does not fail', () => {
  expect(failingSince(series('a', ['fail', 'pass', 'fail', 'fail']).points)).toBe(NOW + 2 * 60_000);
  expect(failingSince(series('a', ['fail', 'unknown']).points)).toBeUndefined();
});

test('a threshold reads as it is compared', () => {
  expect(thresholdWords({ comparison: 'at least', value: 99.9, unit: '%', default: 99.9 })).toBe('≥ 99.9\u00a0%');
  expect(thresholdWords({ comparison: 'at most', value: 1.2, unit: 'x', default: 1.2 }, 2)).toBe('≤ 2\u00a0x');
  expect(thresholdWords({ comparison: 'equals', value: 0, unit: '', default: 0 })).toBe('= 0');
});

test('a window that was broken has not begun', () => {
  const day = 86_400_000;
  expect(windowShare({ ms: day }, NOW)).toBe(0);
  expect(windowShare({ ms: day, passingSince: NOW - day / 2 }, NOW)).toBe(0.5);
  expect(windowShare({ ms: day, passingSince: NOW - 3 * day }, NOW)).toBe(1);
});

test('figures are called by words', () => {
  expect(figureName('sameNode')).toBe('same node');
  expect(figureName('flows')).toBe('flows');
});
