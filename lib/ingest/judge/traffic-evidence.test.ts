import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropWindows } from './traffic-evidence.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 24, 13);

test.each([
  ['a day before the phase and the last day', NOW - 100 * HOUR, NOW - 50 * HOUR, [-74, -50, -24, 0]],
  ['as much as was recorded before it', NOW - 60 * HOUR - MINUTE, NOW - 50 * HOUR, [-60, -50, -10, 0]],
  ['no more than has passed since', NOW - 100 * HOUR, NOW - 2 * HOUR, [-4, -2, -2, 0]],
  [
    'where nothing was recorded before it, the first half of the record',
    NOW - 4 * HOUR - MINUTE,
    NOW - 10 * HOUR,
    [-4, -2, -2, 0],
  ],
])('drops are compared in %s', (_, recordedSince, begunAt, hours) => {
  const windows = dropWindows(recordedSince, begunAt, NOW);
  expect(
    [windows?.before.from, windows?.before.to, windows?.now.from, windows?.now.to].map((time) => ((time ?? 0) - NOW) / HOUR),
  ).toEqual(hours);
});

test('the windows are of one length, of whole minutes, apart, and within the record', () => {
  const ago = fc.integer({ min: 0, max: 200 * 60 }).map((minutes) => NOW - minutes * MINUTE + 17_000);
  fc.assert(
    fc.property(ago, ago, (recordedSince, begunAt) => {
      const windows = dropWindows(recordedSince, begunAt, NOW);
      if (!windows) return;
      const { before, now } = windows;
      expect(before.to - before.from).toBe(now.to - now.from);
      expect((before.to - before.from) % MINUTE).toBe(0);
      expect(before.to).toBeLessThanOrEqual(now.from);
      expect(before.from).toBeGreaterThanOrEqual(recordedSince);
      expect(now.to).toBeLessThanOrEqual(NOW);
    }),
  );
});

test('a minute of each is the least', () => {
  expect(dropWindows(NOW - 3 * MINUTE, NOW - HOUR, NOW)).toBeDefined();
  expect(dropWindows(NOW - 2 * MINUTE, NOW - HOUR, NOW)).toBeUndefined();
  expect(dropWindows(NOW - HOUR, NOW, NOW)).toBeUndefined();
});
