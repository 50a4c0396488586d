import { expect, test } from 'vitest';
import { areaPath, linePath } from './paths.ts';

const x = (index: number) => index * 10;
const y = (value: number) => 100 - value;

test('a line goes through all values', () => expect(linePath([0, 50, 25.04], x, y)).toBe('M0,100L10,50L20,75'));

test('what is not known is a hole, not a fall to zero', () =>
  expect(linePath([1, 2, Number.NaN, 3, 4], x, y)).toBe('M0,99L10,98M30,97L40,96'));

test('an area stands on its baseline, hole by hole', () =>
  expect(areaPath([10, Number.NaN, 20, 30], x, y)).toBe('M0,100L0,90L0,100ZM20,100L20,80L30,70L30,100Z'));

test('nothing draws nothing', () => expect(linePath([], x, y) + areaPath([Number.NaN], x, y)).toBe(''));
