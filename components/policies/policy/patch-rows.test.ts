import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DiffLine } from './diff-rows.ts';
import { patchRows } from './patch-rows.ts';

const text = (line: DiffLine | undefined) => line?.spans.map((span) => span.text).join('');

test('changed lines stand side by side with their numbers, and what lies between hunks is folded', () => {
  const before = ['a: 1', ...Array.from({ length: 12 }, (_, index) => `k${index}: 0`), 'z: 1'];
  const after = before.with(0, 'a: 2').with(13, 'z: 2').toSpliced(13, 0, 'y: 1');
  const rows = patchRows(createTwoFilesPatch('running', 'generated', `${before.join('\n')}\n`, `${after.join('\n')}\n`));
  expect(rows[0]).toMatchObject({ kind: 'changed', left: { number: 1 }, right: { number: 1 } });
  expect(rows.filter(({ kind }) => kind === 'folded')).toEqual([{ kind: 'folded', lines: 4, from: 6 }]);
  const last = rows.at(-1);
  expect(last?.kind === 'changed' && [last.left, last.right?.number]).toEqual([undefined, 15]);
});

test('a patch of nothing has no rows, and a line that looks like a header inside a hunk stays a line', () => {
  expect(patchRows('')).toEqual([]);
  expect(patchRows('--- a\n+++ b\n')).toEqual([]);
  expect(patchRows('@@ -1 +1 @@\n--- a\n+++ b')).toMatchObject([{ kind: 'changed', left: { number: 1 }, right: { number: 1 } }]);
});

test('whatever changed, both sides can be read back from the rows', () => {
  const lines = fc.array(fc.constantFrom('a', 'b: 1', '  c: x', '- d'), { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const patch = createTwoFilesPatch('x', 'y', `${before.join('\n')}\n`, `${after.join('\n')}\n`, '', '', { context: 100 });
      const rows = patchRows(patch);
      const side = (name: 'left' | 'right') =>
        rows.flatMap((row) => (row.kind === 'folded' ? [] : [text(row[name])])).filter((line) => line !== undefined);
      if (rows.length === 0) return before.join('\n') === after.join('\n');
      expect(side('left').join('\n')).toBe(before.join('\n'));
      expect(side('right').join('\n')).toBe(after.join('\n'));
      return true;
    }),
  );
});
