import { expect, test } from 'vitest';
import { DEFAULT_FORMAT, isHeader, parseFormat } from './format.ts';

const DEFAULT = DEFAULT_FORMAT.names.join(' ');

test('the format as AWS takes it, as a header and with commas is the same', () => {
  const header = parseFormat(DEFAULT);
  expect(header).toEqual({ ok: true, format: DEFAULT_FORMAT });
  expect(
    parseFormat(
      DEFAULT.split(' ')
        .map((name) => `\${${name}}`)
        .join(' '),
    ),
  ).toEqual(header);
  expect(parseFormat(DEFAULT.replaceAll(' ', ', '))).toEqual(header);
});

test('fields that nobody knows yet are taken and passed over', () => {
  const parsed = parseFormat(`${DEFAULT} field-of-2030`);
  expect(parsed.ok && parsed.format.columns.at(-1)).toBe(0);
});

test.each([
  [DEFAULT.replace(' action', ''), 'lacks action'],
  [DEFAULT.replace(' srcaddr', '').replace(' start', ''), 'lacks srcaddr or pkt-srcaddr, start'],
  [`${DEFAULT} bytes`, 'the field bytes is there twice'],
  ['', 'is no name of a field'],
  [`${DEFAULT} __proto__`, 'is no name of a field'],
  [`${DEFAULT} ${Array.from({ length: 100 }, (_, i) => `f${i}`).join(' ')}`, 'at most 100'],
])('%s is refused: %s', (text, reason) =>
  expect(parseFormat(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) as unknown }),
);

test('a header is told from a record by its names', () => {
  expect(isHeader(DEFAULT)).toBe(true);
  expect(isHeader('interface-id region srcaddr')).toBe(true);
  expect(isHeader('eni-1 eu-west-1 10.0.0.1')).toBe(false);
  expect(isHeader('2 123 eni-1 10.0.0.1')).toBe(false);
});
