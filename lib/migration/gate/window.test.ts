import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, NOON } from '#lib/testing/gate-values.ts';
import { isWindowOpen, nextWindow } from './window.ts';

const TUESDAY = { days: [2], from: '10:00', to: '13:00' };

test('without windows a gate may be passed at any time', () => {
  expect(isWindowOpen([], NOON)).toBe(true);
  expect(nextWindow([], NOON)).toBeUndefined();
});

test.each([
  ['within', TUESDAY, true],
  ['at its first moment', { ...TUESDAY, from: '12:00' }, true],
  ['at its end', { ...TUESDAY, to: '12:00' }, false],
  ['on another day', { ...TUESDAY, days: [1, 3, 4, 5, 6, 7] }, false],
  ['through midnight from the day before', { days: [1], from: '22:00', to: '12:30' }, true],
  ['until midnight', { days: [2], from: '11:00', to: '24:00' }, true],
])('a window is open or not: %s', (_, window, open) => expect(isWindowOpen([window], NOON)).toBe(open));

test('the next window is the nearest that begins later, a week ahead at most', () => {
  expect(nextWindow([TUESDAY], NOON)).toBe(NOON + 7 * 24 * HOUR - 2 * HOUR);
  expect(nextWindow([TUESDAY, { days: [3], from: '08:30', to: '09:00' }], NOON)).toBe(NOON + 20.5 * HOUR);
});

const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
const window = fc.record({ days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), from: time, to: time });

test('a closed gate opens at what is called its next window, and not before', () => {
  fc.assert(
    fc.property(
      fc.array(window, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 4e12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (windows, now, part) => {
        fc.pre(!isWindowOpen(windows, now));
        const next = nextWindow(windows, now) ?? Number.NaN;
        expect(next).toBeGreaterThan(now);
        expect(isWindowOpen(windows, next)).toBe(true);
        expect(isWindowOpen(windows, Math.floor(now + (next - 1 - now) * part))).toBe(false);
      },
    ),
  );
});
