import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InternTable } from './intern.ts';

test('what is found is what was added for the same bytes', () => {
  const table = new InternTable<string>(64); // small, so that it starts over
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 200 }), (texts) => {
      for (const text of texts) {
        const bytes = Buffer.from(`__${text}__`);
        const value = table.find(bytes, 2, bytes.length - 2) ?? table.add(bytes, 2, bytes.length - 2, text);
        expect(value).toBe(text);
      }
    }),
  );
});

test('the second time it is the same object', () => {
  const table = new InternTable<{ readonly n: number }>(8);
  const bytes = Buffer.from('payments');
  expect(table.find(bytes, 0, 8)).toBeUndefined();
  const first = table.add(bytes, 0, 8, { n: 1 });
  expect(table.find(Buffer.from('payments'), 0, 8)).toBe(first);
  table.clear();
  expect(table.find(bytes, 0, 8)).toBeUndefined();
});

test('very long runs are not kept', () => {
  const table = new InternTable<number>(8);
  const bytes = Buffer.alloc(10_000, 7);
  table.find(bytes, 0, bytes.length);
  table.add(bytes, 0, bytes.length, 1);
  expect(table.find(bytes, 0, bytes.length)).toBeUndefined();
});
