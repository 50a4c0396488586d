import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shared } from './shared.ts';

const plain = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));

test('what is equal is what was there before; what is not is as it came', () => {
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      expect(shared(a, structuredClone(a))).toBe(a);
      expect(shared(a, b)).toEqual(b);
    }),
  );
});

test('parts that did not change are kept within what did', () => {
  const before = { a: { x: 1 }, b: [{ y: 1 }, { y: 2 }], c: new Map([['k', { z: 1 }]]), d: new Set([1]) };
  const after = { a: { x: 1 }, b: [{ y: 1 }, { y: 3 }], c: new Map([['k', { z: 1 }]]), d: new Set([1]) };
  const result = shared(before, after);
  expect(result).toEqual(after);
  expect(result).not.toBe(before);
  expect(result.a).toBe(before.a);
  expect(result.b[0]).toBe(before.b[0]);
  expect(result.c).toBe(before.c);
  expect(result.d).toBe(before.d);
});

test('a field that went, a value that became undefined, an entry that moved are changes', () => {
  expect(shared({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
  expect(shared({ a: undefined }, { b: undefined })).toHaveProperty('b');
  expect(shared([1, 2], [1])).toEqual([1]);
  expect(shared(new Map([['a', undefined]]), new Map([['b', undefined]])).has('b')).toBe(true);
  expect(shared([1], { 0: 1 })).toEqual({ 0: 1 });
  const proto = JSON.parse('{"__proto__": {"a": 1}}') as object;
  expect(Object.keys(shared({}, proto))).toEqual(['__proto__']);
});
