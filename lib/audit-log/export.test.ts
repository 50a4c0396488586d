import { expect, test } from 'vitest';
import { type AuditRow, GENESIS, hashOfRow, verifyChain } from './chain.ts';
import { canonicalText } from './event.ts';
import { CSV_HEADER, csvLine, jsonLine, rowOfLine } from './export.ts';
import { loggedEvent } from './logged.ts';

const HOSTILE = [
  '=cmd|x',
  '+1',
  '-1',
  '@SUM(A1)',
  '\tx',
  '\rx',
  '\uff1dx',
  '\uff20x',
  '"; x',
  '\u202e\u2028\u001b[31m',
  '日本 Zoë',
  '\0',
  '\ud800',
];

function aRow(text: string): AuditRow {
  const body = canonicalText({
    actor: { kind: 'person', subject: `i|${text}`, name: text },
    action: 'gate.reject',
    object: { type: 'gate-request', id: text },
    outcome: 'denied',
    reason: text,
    details: { [text]: text, ['__proto__']: text },
    request: { id: 'r', address: text, userAgent: text },
  });
  const rest = { seq: 1, at: 1_800_000_000_000, prev: GENESIS, body };
  return { ...rest, hash: hashOfRow(rest) };
}

test.each(HOSTILE)('%j comes back from a line of JSON as it was hashed, on one line that can be seen', (text) => {
  const row = aRow(text);
  const line = jsonLine(row);
  expect(line).not.toMatch(/[\r\n\u001b\u007f-\u009f\u2028-\u202e\u200b]/);
  expect(rowOfLine(line)).toEqual(row);
  expect(verifyChain([rowOfLine(line) ?? row])).toEqual([]);
});

test.each(HOSTILE)('%j in CSV is one row in which no cell begins like a formula', (text) => {
  const line = csvLine(aRow(text));
  expect(line).not.toMatch(/[\r\n\t\0\u001b\u202e\u2028]/);
  for (const cell of line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    expect(cell.replace(/^"/, '')).not.toMatch(/^[=+\-@\uff1d\uff0b\uff0d\uff20]/);
  }
  expect(line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)).toHaveLength(CSV_HEADER.split(',').length);
});

test.each(['', '{', 'null', '[]', '{"seq":1}', '{"seq":-1,"at":1,"prev":"","hash":"","event":{}}'])('%j is no row', (line) => {
  expect(rowOfLine(line)).toBeUndefined();
});

test('an event that was made unreadable is shown as such, and its line still says that it is broken', () => {
  const row = { ...aRow('x'), body: '{"action":' };
  expect(loggedEvent(row)).toMatchObject({ seq: 1, action: 'unreadable', hash: row.hash });
  const again = rowOfLine(jsonLine(row));
  expect(again && verifyChain([again]).map(({ seq }) => seq)).toEqual([1]);
});

test('nothing in a line can be changed without its hash telling', () => {
  const line = jsonLine(aRow('Olga'));
  const others = Array.from(line, (character, at) => line.slice(0, at) + (character === '1' ? '2' : '1') + line.slice(at + 1));
  const rows = others.map(rowOfLine);
  expect(rows.filter((row) => row && verifyChain([row]).length === 0)).toEqual([]);
  expect(rows.filter(Boolean).length).toBeGreaterThan(100);
});
