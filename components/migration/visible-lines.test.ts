import { expect, test } from 'vitest';
import { visibleLine, visibleLines } from './visible-lines.ts';

test('text that hides or turns other text is written out; a no-break space is a space', () => {
  expect(visibleLine('99.84\u00a0% \u202eevil')).toBe('99.84 % \\u{202e}evil');
});

test('lines and tabs of a command stay', () => {
  expect(visibleLines('a \\\r\n\tb\u200b')).toBe('a \\\n\tb\\u{200b}');
});
