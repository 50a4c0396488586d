import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasGrown, headOfNote } from './growth.ts';
import { sha256 } from './hash.ts';
import { ORIGIN, TestNotary } from '#lib/testing/receipts.ts';
import { MerkleTree } from './merkle.ts';

const tree = new MerkleTree(sha256);
const entries = Array.from({ length: 40 }, (_, index) => tree.leafHash(new Uint8Array([index])));
const headOf = (size: number) => ({ size, root: bytesToHex(tree.root(entries.slice(0, size))) });
const pathOf = (from: number, to: number) => tree.consistencyProof(entries.slice(0, to), from).map(bytesToHex);
const sizes = fc
  .tuple(fc.integer({ min: 1, max: entries.length }), fc.integer({ min: 1, max: entries.length }))
  .map((pair): [number, number] => [Math.min(...pair), Math.max(...pair)]);

test('a log that only grew is proved to have, from any size to any later one', () => {
  fc.assert(
    fc.property(sizes, ([from, to]) => {
      expect(hasGrown(headOf(from), headOf(to), pathOf(from, to))).toBe(true);
    }),
  );
});

test('one whose older head is another is not', () => {
  fc.assert(
    fc.property(sizes, ([from, to]) => {
      expect(hasGrown({ size: from, root: 'ab'.repeat(32) }, headOf(to), pathOf(from, to))).toBe(false);
    }),
  );
});

test.each([
  ['no hash', ['zz']],
  ['upper case', ['AB'.repeat(32)]],
  ['an empty path', []],
])('a path of %s proves nothing and breaks nothing', (_, path) => {
  expect(hasGrown(headOf(3), headOf(7), path)).toBe(false);
});

test('the log of nothing is the beginning of none', () => {
  expect(hasGrown({ size: 0, root: bytesToHex(tree.root([])) }, headOf(7), [])).toBe(false);
});

test('a head is read from its note, and from nothing else', () => {
  const note = new TestNotary().checkpoint(7, tree.root(entries.slice(0, 7)));
  expect(headOfNote(note)).toEqual({ origin: ORIGIN, ...headOf(7) });
  for (const other of ['', note.slice(0, -1), note.replace('\n7\n', '\nseven\n'), '{}'])
    expect(() => headOfNote(other)).toThrow(/this is no/);
});
