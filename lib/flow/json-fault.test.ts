import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from './json-fault.ts';

test('JSON that was cut is told from JSON that is wrong', () => {
  const arbObject = fc
    .dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 })
    .map((value) => JSON.stringify(value));
  fc.assert(
    fc.property(arbObject, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (json, where) => {
      const cut = json.slice(0, Math.max(1, Math.floor(json.length * where)));
      expect(jsonFault(cut)).toEqual({ at: cut.length, cutOff: true });
    }),
    { numRuns: 2000 },
  );
});

test.each(['[-', '[-5', '[-5e', '[5e-', '[5.', '[0.5e+3', '{"a":1', '{"a":"\\u00'])('%j was cut', (text) =>
  expect(jsonFault(text)).toEqual({ at: text.length, cutOff: true }),
);

test.each([
  ['{"a": oops}', 6],
  ['{"a":1,}', 7],
  ['{a:1}', 1],
  ['{"a" 1}', 5],
  ['[1 2]', 3],
  ['[1]]', 3],
  ['{"a":1] ', 6],
  ['1 2', 2],
  ['{"a":"b\nc"}', 5],
  ['{"a":"\\x"}', 5],
  ['{"a":01}', 6],
  ['hello', 0],
  ['[1 2', 3],
  ['[1 tr', 3],
  ['1 2.', 2],
  ['{"a":1.x}', 6],
])('%j goes wrong at %i', (text, at) => expect(jsonFault(text)).toEqual({ at, cutOff: false }));
