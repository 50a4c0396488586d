import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_ATTEMPTS, pauseAfter } from './schedule.ts';

test('eight attempts spread over about six hours, each pause longer than the one before', () => {
  const pauses = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, i) => pauseAfter(i + 1, 0, 0.5) ?? 0);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(5);
  expect(hours).toBeLessThan(7);
  expect(pauseAfter(MOST_ATTEMPTS)).toBeUndefined();
});

test('what a receiver asks for is waited for, but never longer than an hour', () => {
  expect(pauseAfter(1, 120_000)).toBe(120_000);
  expect(pauseAfter(1, 9e9)).toBe(3_600_000);
});

test('jitter moves a pause by a fifth at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MOST_ATTEMPTS - 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, random) => {
      const middle = pauseAfter(n, 0, 0.5) ?? 0;
      expect(Math.abs((pauseAfter(n, 0, random) ?? 0) - middle)).toBeLessThanOrEqual(middle * 0.2 + 1);
    }),
  );
});
