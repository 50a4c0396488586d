import { expect, test } from 'vitest';
import { noteText } from './NoteRow.tsx';

const at = Date.UTC(2026, 2, 2, 13);
const gap = (reason: string, nodeName = '') =>
  noteText({ kind: 'gap', key: 'g', time: at, gap: { from: at, to: at + 60_000, reason, nodeName } });

test('a gap says how long it is, where, and why', () => {
  expect(gap('node-unavailable', 'ip-10-20-1-11')).toMatch(
    /^Gap of 60\ss on ip-10-20-1-11, 13:00:00 to 13:01:00: the node did not report\./,
  );
});

test('what was not stored was seen, and is missing in history only', () => {
  expect(gap('database-unreachable')).toMatch(/^No history of .*the database could not be reached.*were shown as they came/);
  expect(gap('database-unreachable')).not.toContain('cannot be had');
});

test('a reason of a newer console is shown as it is', () => {
  expect(gap('moon-in-the-way')).toContain(': moon-in-the-way.');
});
