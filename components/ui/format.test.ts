import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, changeOf, duration, exact, humanised, percent, relative, utc } from './format.ts';

/** No-break spaces read as spaces here. */
const plain = (text: string | undefined) => text?.replaceAll('\u00a0', ' ');

test.each([
  [0, '0'],
  [7, '7'],
  [12.44, '12.4'],
  [537, '537'],
  [9_999, '9,999'],
  [12_440, '12.4 k'],
  [999_499, '999 k'],
  [999_500, '1.00 M'],
  [1_932_361, '1.93 M'],
  [4_200_000_000, '4.20 G'],
])('humanised(%d) is %s', (value, text) => expect(plain(humanised(value))).toBe(text));

test.each([
  [49_344, 1_932_361, undefined, '2.6 %'],
  [0, 100, undefined, '0 %'],
  [100, 100, undefined, '100 %'],
  [1, 2, undefined, '50.0 %'],
  [97_345, 97_502, 99.9, '99.84 %'],
  // Rounded to two decimals it would read as the threshold it misses.
  [9_989_960, 10_000_000, 99.9, '99.8996 %'],
  [1, 10_000_000, undefined, '< 0.001 %'],
  [9_999_999, 10_000_000, undefined, '> 99.999 %'],
])('percent(%d of %d, threshold %s) is %s', (part, of, threshold, text) => {
  expect(plain(percent(part, of, threshold))).toBe(text);
});

test('a share of nothing is unknown, not zero', () => expect(percent(0, 0)).toBeUndefined());

test('a share never reads 0 % when something is there, nor 100 % when something is missing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (of, some) => {
      const part = 1 + (some % (of - 1));
      const text = plain(percent(part, of)) ?? '';
      expect(text).not.toMatch(/^0(\.0+)? %$/);
      expect(text).not.toMatch(/^100(\.0+)? %$/);
    }),
  );
});

test.each([
  [800, '0.8 s'],
  [9_960, '10 s'],
  [42_000, '42 s'],
  [1_500_000, '25 min'],
  [11_100_000, '3 h 5 min'],
  [7_200_000, '2 h'],
  [1_036_800_000, '12 d'],
])('duration(%d) is %s', (ms, text) => expect(plain(duration(ms))).toBe(text));

test.each([
  [1, 0, true, 'new', 'new'],
  [0, 0, true, '0', 'same'],
  [0, 5, true, 'gone', 'down'],
  [176, 100, true, '+76 %', 'up'],
  [93, 100, true, '−7 %', 'down'],
  [100, 100, true, '0 %', 'same'],
  [5000, 100, true, '× 50', 'up'],
] as const)('changeOf(%d against %d) is %s', (now, before, comparable, text, tone) => {
  const change = changeOf(now, before, comparable);
  expect(plain(change?.text)).toBe(text);
  expect(change?.tone).toBe(tone);
});

test('without data for the time before, a change is not shown', () => expect(changeOf(5, 0, false)).toBeUndefined());

test('times are relative to the given now and exact in UTC', () => {
  const at = Date.UTC(2026, 2, 2, 14, 3, 41);
  expect(plain(relative(at, at + 42_000))).toBe('42 s ago');
  expect(relative(at, at + 300)).toBe('just now');
  expect(plain(relative(at, at - 7_200_000))).toBe('in 2 h');
  expect(utc(at)).toBe('2 Mar 2026 14:03:41 UTC');
});

test('sizes and exact numbers are grouped and rounded', () => {
  expect(plain(bytes(999))).toBe('999 B');
  expect(plain(bytes(1_440_000))).toBe('1.4 MB');
  expect(exact(1_932_361)).toBe('1,932,361');
});
