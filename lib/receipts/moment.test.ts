import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentOf, timeOfMoment } from './moment.ts';

test('a time has six digits of its second, in UTC', () => {
  expect(momentOf(1_772_460_161_204.113)).toBe('2026-03-02T14:02:41.204113Z');
  expect(momentOf(0)).toBe('1970-01-01T00:00:00.000000Z');
  expect(momentOf(-0.001)).toBe('1969-12-31T23:59:59.999999Z');
});

test('microseconds that round up carry into the second', () => {
  expect(momentOf(999.9996)).toBe('1970-01-01T00:00:01.000000Z');
});

test('every microsecond comes back as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (microseconds) => {
      const time = microseconds / 1000;
      expect(momentOf(timeOfMoment(momentOf(time)))).toBe(momentOf(time));
      expect(Math.round(timeOfMoment(momentOf(time)) * 1000)).toBe(microseconds);
    }),
  );
});

test('what is no time is refused', () => {
  expect(() => momentOf(Number.NaN)).toThrow(RangeError);
  expect(() => momentOf(1e20)).toThrow(RangeError);
});
