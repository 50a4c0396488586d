import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundText, csvCell, logSafe, visibleText } from './text.ts';

test('bounded text is short, storable, and bounded text stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
      const bounded = boundText(text, max);
      expect(bounded.length).toBeLessThanOrEqual(max);
      expect(bounded).not.toMatch(/[\0\p{Cs}]/u);
      expect(boundText(bounded, max)).toBe(bounded);
    }),
  );
  expect(boundText('abcdef', 4)).toBe('abc…');
  expect(boundText('ab😀d', 4)).toBe('ab\ufffd…');
  expect(boundText('😀', 4)).toBe('😀');
});

test.each([
  ['plain text, ünïcode 漢字', 'plain text, ünïcode 漢字'],
  ['a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
  ['a\r\nb\u001b[31m', 'a\\u{d}\\u{a}b\\u{1b}[31m'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['no\u00a0break', 'no\\u{a0}break'],
  ['\u{e0041}tag', '\\u{e0041}tag'],
  ['half \ud800', 'half \\u{d800}'],
])('%j is shown as %s', (text, shown) => expect(visibleText(text)).toBe(shown));

test('log text is one visible line', () => expect(logSafe(`a\nb${'x'.repeat(999)}`, 20)).toBe('a\\u{a}bxxxxxxxxxxxx…'));

test.each([
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', "' =1"],
  ['\u200b=1', "'\u200b=1"],
  ['\uff1d1', "'\uff1d1"],
  ['\tx', `"'\tx"`],
  ['a,"b"', '"a,""b"""'],
  ['a\nb', '"a\nb"'],
  ['plain', 'plain'],
  [-5, '-5'],
  [undefined, ''],
])('the cell for %j is %j', (value, cell) => expect(csvCell(value)).toBe(cell));
