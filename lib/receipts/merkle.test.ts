import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { keccak256, sha256, type Hash } from './hash.ts';
import { MerkleTree } from './merkle.ts';

/** The eight reference inputs of Certificate Transparency (certificate-transparency-go, merkle tests). */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  hexToBytes,
);

let keccak: Hash;
beforeAll(async () => {
  keccak = await keccak256();
});

describe('roots over the reference inputs', () => {
  test.each([
    { size: 0, root: 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470' },
    { size: 1, root: 'bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a' },
    { size: 2, root: '04b6e6bf384600004d988a0a621a5c73deb46440dfbf2bac17e3bff2a80a4f3a' },
    { size: 3, root: '18d0175330e21ab143da90d6e2020664c24fd4c4f05e092898fffb2893ad61ba' },
    { size: 4, root: '319f8970f7db341f1d6d75106d6750a81aed62546f5cb7c17fc3ab27b9ac9b24' },
    { size: 5, root: '4eef86afb0b4e88c3674385aa8a4bd9b0b691fd859781df7d2ae66907f06c6b6' },
    { size: 7, root: '968e735ebd6521e517010d0dc43673711cc96cbff890e4468f18207e92ce0132' },
    { size: 8, root: '962b7db2b71c7f1e1f3142c0cacf17cd3e1364d1560187b85375a609ef8dbc9b' },
  ])('Keccak-256, $size leaves', ({ size, root }) => {
    const tree = new MerkleTree(keccak);
    expect(bytesToHex(tree.root(INPUTS.slice(0, size).map((input) => tree.leafHash(input))))).toBe(root);
  });

  test('SHA-256, eight leaves: the root that Certificate Transparency has', () => {
    const tree = new MerkleTree(sha256);
    expect(bytesToHex(tree.root(INPUTS.map((input) => tree.leafHash(input))))).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
  });
});

const sizes = fc.integer({ min: 1, max: 70 });
const leavesOf = (tree: MerkleTree, size: number) =>
  Array.from({ length: size }, (_, at) => tree.leafHash(new Uint8Array([at, at >> 8, 7])));

describe.each([
  { name: 'Keccak-256', hash: () => keccak },
  { name: 'SHA-256', hash: () => sha256 },
])('proofs by $name', ({ hash }) => {
  test('every leaf of every size proves its place, and no other place, size or root', () => {
    const tree = new MerkleTree(hash());
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, pick, wrong) => {
        const leaves = leavesOf(tree, size);
        const index = pick % size;
        const claim = {
          leafHash: leaves[index] as Uint8Array,
          index,
          size,
          proof: tree.inclusionProof(leaves, index),
          root: tree.root(leaves),
        };
        expect(tree.verifyInclusion(claim)).toBe(true);
        const other = wrong % size;
        expect(tree.verifyInclusion({ ...claim, index: other })).toBe(other === index);
        expect(tree.verifyInclusion({ ...claim, proof: [...claim.proof, claim.root] })).toBe(false);
        expect(tree.verifyInclusion({ ...claim, proof: claim.proof.slice(1) })).toBe(claim.proof.length === 0);
        for (const sibling of claim.proof.keys())
          expect(
            tree.verifyInclusion({ ...claim, proof: claim.proof.with(sibling, flipped(claim.proof[sibling] as Uint8Array)) }),
          ).toBe(false);
      }),
    );
  });

  test('every prefix is consistent with the whole, and with nothing else', () => {
    const tree = new MerkleTree(hash());
    fc.assert(
      fc.property(sizes, fc.nat(), (size, pick) => {
        const leaves = leavesOf(tree, size);
        const olderSize = 1 + (pick % size);
        const claim = {
          olderSize,
          olderRoot: tree.root(leaves.slice(0, olderSize)),
          size,
          root: tree.root(leaves),
          proof: tree.consistencyProof(leaves, olderSize),
        };
        expect(tree.verifyConsistency(claim)).toBe(true);
        expect(tree.verifyConsistency({ ...claim, root: flipped(claim.root) })).toBe(false);
        expect(tree.verifyConsistency({ ...claim, olderRoot: flipped(claim.olderRoot) })).toBe(false);
        expect(tree.verifyConsistency({ ...claim, proof: [...claim.proof, claim.root] })).toBe(false);
        for (const node of claim.proof.keys())
          expect(
            tree.verifyConsistency({ ...claim, proof: claim.proof.with(node, flipped(claim.proof[node] as Uint8Array)) }),
          ).toBe(false);
      }),
    );
  });
});

test('a tree of no leaves is consistent with nothing, as the published vectors have it', () => {
  const tree = new MerkleTree(sha256);
  const root = tree.root(leavesOf(tree, 3));
  expect(tree.verifyConsistency({ olderSize: 0, olderRoot: tree.root([]), size: 3, root, proof: [] })).toBe(false);
  expect(() => tree.consistencyProof(leavesOf(tree, 3), 0)).toThrow(RangeError);
});

test('nonsense is refused, not thrown at the caller', () => {
  const tree = new MerkleTree(sha256);
  const root = tree.root([]);
  for (const index of [-1, 0.5, Number.NaN, 2 ** 60])
    expect(tree.verifyInclusion({ leafHash: root, index, size: 1, proof: [], root })).toBe(false);
  expect(tree.verifyInclusion({ leafHash: root.slice(1), index: 0, size: 1, proof: [], root })).toBe(false);
  expect(() => tree.inclusionProof([], 0)).toThrow(RangeError);
});

function flipped(hash: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(hash);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
}
