import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '#lib/policy/spec-hash.ts';
import { type CanonicalValue, canonicalBytes } from './canonical.ts';
import { parseStrictJson } from './strict-json.ts';

const textOf = (value: CanonicalValue) => new TextDecoder().decode(canonicalBytes(value));

const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const { value: values } = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
  ),
}));

describe('the canonical form', () => {
  test('is that of another implementation, for whatever a receipt may hold', () => {
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(!/\\ud[89a-f]/.test(JSON.stringify(value))); // half a surrogate pair, which JSON escapes
        expect(textOf(value)).toBe(canonicalJson(value));
      }),
      { numRuns: 500 },
    );
  });

  test('is the same however it was written, and reads back as what it was', () => {
    fc.assert(
      fc.property(fc.dictionary(key, values, { maxKeys: 6 }), (object) => {
        const turned = Object.fromEntries(Object.entries(object).toReversed());
        expect(textOf(turned)).toBe(textOf(object));
        expect(textOf(parseStrictJson(JSON.stringify(object, undefined, 3)) as CanonicalValue)).toBe(textOf(object));
      }),
    );
  });

  test('leaves out what is absent, and nothing else', () => {
    expect(textOf({ b: undefined, a: '', c: [] })).toBe('{"a":"","c":[]}');
  });

  test.each([
    { name: 'a float', value: { port: 80.5 }, at: /\$\.port/ },
    { name: 'minus zero', value: -0, at: /\$/ },
    { name: 'a number beyond 2^53 - 1', value: [2 ** 53], at: /\$\[0\]/ },
    { name: 'not a number', value: Number.NaN, at: /\$/ },
    { name: 'null', value: { a: [{ b: null }] }, at: /\$\.a\[0\]\.b/ },
    { name: 'half of a surrogate pair', value: ['\ud83d'], at: /\$\[0\]/ },
    { name: 'the other half', value: ['\ude02x'], at: /\$\[0\]/ },
    { name: 'a big integer', value: 1n, at: /bigint/ },
    { name: 'a key in capitals', value: { Port: 1 }, at: /"Port"/ },
    { name: 'a key that is a prototype', value: JSON.parse('{"__proto__":{}}') as unknown, at: /__proto__/ },
    { name: 'a key of another script', value: { 'p\u043ert': 1 }, at: /snake_case/ },
  ])('refuses $name, with its place', ({ value, at }) => {
    expect(() => canonicalBytes(value as CanonicalValue)).toThrow(at);
  });

  test('refuses what is nested beyond 32', () => {
    const nested = (depth: number): CanonicalValue => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(textOf(nested(32))).toBe(`${'['.repeat(32)}1${']'.repeat(32)}`);
    expect(() => canonicalBytes(nested(33))).toThrow(/nested deeper/);
  });
});
