import { expect, test } from 'vitest';
import { rangeMs, rangeWords, refreshMsOf, windowMs, windowQuery } from './range.ts';

const live = (range: string) => ({ range, from: null, to: null });

test.each([
  ['5m', 300_000, '5 min'],
  ['3h', 10_800_000, '3 h'],
  ['7d', 604_800_000, '7 d'],
  ['nonsense', 300_000, '5 min'],
  ['0m', 300_000, '5 min'],
])('range %s is %d ms and reads %s', (range, ms, words) => {
  expect(rangeMs(range)).toBe(ms);
  expect(rangeWords(range).replace('\u00a0', ' ')).toBe(words);
});

test('a window of the past is asked for by its times, and needs no second asking', () => {
  const past = { range: '5m', from: 1000, to: 61_000 };
  expect(windowQuery(past)).toBe('from=1000&to=61000');
  expect(windowMs(past, 99_000)).toBe(60_000);
  expect(refreshMsOf(past)).toBe(0);
});

test('a live window is asked for by its range, the longer the more rarely', () => {
  expect(windowQuery(live('1h'))).toBe('range=1h');
  expect(refreshMsOf(live('7d'))).toBeGreaterThan(refreshMsOf(live('5m')));
});
