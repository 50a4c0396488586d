import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DiffLine, type DiffRow, diffRows, diffSize } from './diff-rows.ts';

const text = (line: DiffLine | undefined) => line?.spans.map((span) => (span.changed ? `<${span.text}>` : span.text)).join('');
const drawn = (rows: readonly DiffRow[]) =>
  rows.map((row) => (row.kind === 'folded' ? `… ${row.lines} from ${row.from}` : [row.kind, text(row.left), text(row.right)]));

test('a changed word is told apart within its line, equal lines around it stay', () => {
  expect(drawn(diffRows('a: 1\nport: "80"\nb: 2', 'a: 1\nport: "443"\nb: 2'))).toEqual([
    ['same', 'a: 1', 'a: 1'],
    ['changed', 'port: "<80>"', 'port: "<443>"'],
    ['same', 'b: 2', 'b: 2'],
  ]);
});

test('added and removed lines have no partner', () => {
  const rows = diffRows('a\nb\nc', 'a\nc\nd');
  expect(drawn(rows).filter(([kind]) => kind === 'changed')).toEqual([
    ['changed', '<b>', undefined],
    ['changed', undefined, '<d>'],
  ]);
  expect(diffSize(rows)).toEqual({ added: 1, removed: 1 });
});

test('long equal stretches are folded and counted', () => {
  const many = Array.from({ length: 40 }, (_, index) => `line ${index}`);
  const rows = diffRows([...many, 'end: 1'].join('\n'), [...many, 'end: 2'].join('\n'));
  expect(drawn(rows)[0]).toBe('… 37 from 1');
  expect(rows).toHaveLength(5);
});

test('equal texts have no difference', () => expect(diffRows('a\nb', 'a\nb')).toEqual([]));

test('both texts can be read back from the rows', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'ab', '', 'port: 80'), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      fc.pre(before.join('\n') !== after.join('\n'));
      const rows = diffRows(before.join('\n'), after.join('\n'), 100);
      const side = (pick: (row: Exclude<DiffRow, { kind: 'folded' }>) => DiffLine | undefined) =>
        rows
          .flatMap((row) => (row.kind === 'folded' ? [] : [pick(row)]))
          .filter((line) => line !== undefined)
          .map(({ spans }) => spans.map((span) => span.text).join(''))
          .join('\n');
      expect(side((row) => row.left)).toBe(before.join('\n'));
      expect(side((row) => row.right)).toBe(after.join('\n'));
    }),
  );
});
