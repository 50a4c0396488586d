import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceSet } from './sequence-set.ts';

const setOf = (sequences: readonly number[]): SequenceSet => {
  const set = new SequenceSet();
  for (const sequence of sequences) set.add(sequence);
  return set;
};

test('what comes in order is one range', () => {
  const set = setOf(Array.from({ length: 10_000 }, (_, at) => at + 1));
  expect([set.ranges, set.newest, set.encode().length < 16]).toEqual([1, 10_000, true]);
});

test('it holds what was added above the floor and nothing else, in any order, and through its text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 50 }))),
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
      (sequences, floors) => {
        const set = setOf(sequences);
        for (const floor of floors) set.forgetUpTo(floor);
        for (const sequence of sequences) set.add(sequence);
        const floor = Math.max(0, ...floors);
        const expected = new Set(sequences.filter((sequence) => sequence > floor));
        for (const read of [set, SequenceSet.decode(set.encode())]) {
          for (let sequence = 0; sequence < 64; sequence += 1) expect(read.has(sequence)).toBe(expected.has(sequence));
          for (const sequence of sequences) expect(read.has(sequence)).toBe(expected.has(sequence));
          expect(read.floor).toBe(floor);
          expect(read.newest).toBe(Math.max(floor, ...expected));
        }
      },
    ),
  );
});
