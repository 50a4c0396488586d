import { expect, test } from 'vitest';
import { countText, durationText, listText, utcText } from './text.ts';

test.each([
  [1, '1 min'],
  [60_000, '1 min'],
  [60_001, '2 min'],
  [3_600_000, '1 h'],
  [30 * 3_600_000 + 5 * 60_000, '1 d 6 h'],
  [86_400_000 + 60_000, '1 d 1 min'],
])('%i ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));

test('words for people', () => {
  expect(utcText(Date.UTC(2026, 10, 24, 13, 5))).toBe('2026-11-24 13:05 UTC');
  expect([countText(1, 'check'), countText(2, 'check')]).toEqual(['1 check', '2 checks']);
  expect([listText([]), listText(['a']), listText(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
});
