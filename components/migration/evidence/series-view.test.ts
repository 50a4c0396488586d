import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { figureText, nearAxis, pointRuns } from './series-view.ts';

test('the axis stands close around what was seen, so that what decides can be read', () => {
  const axis = nearAxis([99.84, 99.97, 99.9]);
  expect(axis.min).toBeGreaterThan(99);
  expect(axis.max).toBeLessThan(101);
  expect(figureText(99.84, '%', axis.digits)).toBe('99.84\u00a0%');
});

test('every value lies on the axis, and no axis of counts goes below zero', () => {
  const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, (given) => {
      const { min, max } = nearAxis(given);
      expect(max).toBeGreaterThan(min);
      expect(min).toBeGreaterThanOrEqual(0);
      for (const value of given) expect(value >= min - 1e-6 && value <= max + 1e-6).toBe(true);
    }),
  );
});

test('a share of all stands at the top of its axis, not below a share that cannot be', () => {
  expect(nearAxis([100, 100], 100).max).toBe(100);
  expect(nearAxis([99, 101], 100).max).toBeGreaterThan(100);
});

test('nothing seen still has an axis', () => expect(nearAxis([Number.NaN])).toEqual({ min: 0, max: 1, digits: 0 }));

test('a run begins where the one before ended, so that the line has no holes', () => {
  const points = (['pass', 'pass', 'fail', 'unknown'] as const).map((status, at) => ({ at, value: at, status }));
  expect(pointRuns(points)).toEqual([
    { status: 'pass', from: 0, to: 1 },
    { status: 'fail', from: 1, to: 2 },
    { status: 'unknown', from: 2, to: 3 },
  ]);
});
