import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completeBuckets, lostRuns, timeTicks, valueAxis } from './scale.ts';

test('a value axis begins at zero, ends on a round number above all values, and stays put while they wobble', () => {
  const axis = valueAxis([770, 980], 100);
  expect(axis.max).toBe(1000);
  expect([axis.y(0), axis.y(1000)]).toEqual([100, 0]);
  expect(valueAxis([771, 985], 100).max).toBe(axis.max);
});

test.each([
  [0.8, 0.8, [0, 0.2, 0.4, 0.6, 0.8]],
  [7, 8, [0, 2, 4, 6, 8]],
  [1200, 1500, [0, 500, 1000, 1500]],
  [0.3, 0.3, [0, 0.1, 0.2, 0.3]],
])('an axis up to %d ends on %d', (most, max, ticks) => {
  const axis = valueAxis([most], 100);
  expect([axis.max, axis.ticks]).toEqual([max, ticks]);
});

test('an axis holds all its values', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }).filter((value) => value === 0 || value > 1e-6),
      fc.integer({ min: 1, max: 6 }),
      (most, wanted) => {
        const { max, ticks } = valueAxis([most], 100, wanted);
        expect(max).toBeGreaterThanOrEqual(most * (1 - 1e-9));
        expect(ticks.length).toBeLessThanOrEqual(wanted * 2 + 2);
      },
    ),
  );
});

test('an axis of nothing, of zeros or of holes still has a scale', () => {
  for (const values of [[], [0, 0], [Number.NaN]]) expect(valueAxis(values, 100).max).toBeGreaterThan(0);
});

test('time ticks are round, in UTC, and never crowd', () => {
  const from = Date.UTC(2026, 2, 2, 13, 3);
  expect(timeTicks(from, from + 3_600_000, 4).map(({ label }) => label)).toEqual(['13:15', '13:30', '13:45', '14:00']);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4e10 }), fc.integer({ min: 2, max: 12 }), (length, most) => {
      expect(timeTicks(from, from + length, most).length).toBeLessThanOrEqual(most + 1);
    }),
  );
});

test('a last bucket that has not ended is left out', () => {
  expect(completeBuckets([0, 60, 120], 60, 150)).toBe(2);
  expect(completeBuckets([0, 60, 120], 60, 180)).toBe(3);
  expect(completeBuckets([0], 60, 10)).toBe(1);
});

test('neighbouring buckets with losses are one run', () => {
  expect(lostRuns([0, 3, 1, 0, 2])).toEqual([
    [1, 2],
    [4, 4],
  ]);
});
