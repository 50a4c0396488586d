import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromHex, vectors } from '#lib/testing/vectors.ts';
import { toBase64 } from './base64.ts';
import { sha256 } from './hash.ts';
import { MerkleTree } from './merkle.ts';

const published = vectors('merkle') as {
  leaves: string[];
  roots: Record<string, string>;
  inclusion: { leafIdx: number; treeSize: number; leafHash: string; proof: string[] }[];
  consistency: { size1: number; size2: number; proof: string[] }[];
};

interface Inclusion {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly leafHash: string;
  readonly root: string;
  readonly proof: readonly string[] | null;
}
interface Consistency {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
}
type Named<Case> = Case & { readonly name: string; readonly wantErr: boolean };

const tree = new MerkleTree(sha256);
const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
const includes = ({ leafHash, leafIdx, treeSize, root, proof }: Inclusion): boolean =>
  tree.verifyInclusion({
    leafHash: bytes(leafHash),
    index: leafIdx,
    size: treeSize,
    root: bytes(root),
    proof: (proof ?? []).map(bytes),
  });
const grows = ({ size1, size2, root1, root2, proof }: Consistency): boolean =>
  tree.verifyConsistency({
    olderSize: size1,
    olderRoot: bytes(root1),
    size: size2,
    root: bytes(root2),
    proof: (proof ?? []).map(bytes),
  });

const text = (ascii: string): string => Buffer.from(ascii).toString('base64');
const EMPTY_ROOT = toBase64(sha256(new Uint8Array()));
const RANDOM = 'q6yroAAAAAAAAAAAAAAAAAAAAAAAAAAAAGAGHgASNFY=';
/** 0 - 1 in sixty-four bits, as the files have it and JSON reads it. */
const BELOW_ZERO = 2 ** 64;
const minusOne = (value: number): number => (value === 0 ? BELOW_ZERO : value - 1);
const flipped = (hash: string, bit: number): string => {
  const changed = bytes(hash);
  changed[0] = (changed[0] ?? 0) ^ (1 << bit);
  return toBase64(changed);
};

/** A path that is right, and every change of it that is published, under its published name. */
function inclusionCases(): Named<Inclusion>[] {
  return published.inclusion.flatMap((path, number) => {
    const good: Inclusion = {
      ...path,
      root: published.roots[path.treeSize] ?? '',
      proof: path.proof.length > 0 ? path.proof : null,
    };
    const bad = (name: string, change: Partial<Inclusion>) => ({ ...good, ...change, name: `${number}/${name}`, wantErr: true });
    const { proof } = path;
    return [
      { ...good, name: `${number}/happy-path`, wantErr: false },
      bad('leafIdx-plus-@1', { leafIdx: path.leafIdx + 1 }),
      bad('leafIdx-sub-@1', { leafIdx: minusOne(path.leafIdx) }),
      bad('leafIdx-XOR-@2', { leafIdx: path.leafIdx ^ 2 }),
      bad('treeSize-mul-@2', { treeSize: path.treeSize * 2 }),
      bad('treeSize-div-@2', { treeSize: path.treeSize >> 1 }),
      bad('wrong-leaf', { leafHash: text('WrongLeaf') }),
      bad('empty-root', { root: EMPTY_ROOT }),
      bad('random-root', { root: RANDOM }),
      bad('preceding-garbage', { proof: ['', ...proof] }),
      bad('preceding-root', { proof: [good.root, ...proof] }),
      bad('trailing-garbage', { proof: [...proof, ''] }),
      bad('trailing-root', { proof: [...proof, good.root] }),
      ...proof.map((hash, at) => bad(`modified-proof[${at}]-bit-@3`, { proof: proof.with(at, flipped(hash, 3)) })),
      ...(proof.length > 0 ? [bad('removed-component', { proof: proof.slice(0, -1) })] : []),
      ...(proof.length > 1 ? [bad('inserted-component', { proof: proof.toSpliced(1, 0, RANDOM) })] : []),
    ];
  });
}

function consistencyCases(): Named<Consistency>[] {
  return published.consistency.flatMap((path, number) => {
    const { size1, size2, proof } = path;
    const [root1 = '', root2 = ''] = [published.roots[size1], published.roots[size2]];
    const good: Consistency = { size1, size2, root1, root2, proof: proof.length > 0 ? proof : null };
    const bad = (name: string, change: Partial<Consistency>) => ({
      ...good,
      ...change,
      name: `${number}/${name}`,
      wantErr: true,
    });
    const right = { ...good, name: `${number}/happy-path`, wantErr: false };
    if (proof.length === 0) return [right];
    return [
      right,
      bad('size1-plus-@1', { size1: size1 + 1 }),
      bad('size1-sub-@1', { size1: size1 - 1 }),
      bad('size1-XOR-@2', { size1: size1 ^ 2 }),
      bad('size2-mul-@2', { size2: size2 * 2 }),
      bad('size2-div-@2', { size2: size2 >> 1 }),
      bad('wrong-root1', { root1: text('WrongRoot') }),
      bad('wrong-root2', { root2: text('WrongRoot') }),
      bad('swapped-roots', { root1: root2, root2: root1 }),
      bad('empty-proof', { proof: [] }),
      bad('preceding-garbage', { proof: ['', ...proof] }),
      bad('preceding-root1', { proof: [root1, ...proof] }),
      bad('preceding-root2', { proof: [root2, ...proof] }),
      bad('preceding-proof-@0', { proof: [proof[0] ?? '', ...proof] }),
      bad('trailing-garbage', { proof: [...proof, ''] }),
      bad('trailing-root1', { proof: [...proof, root1] }),
      bad('trailing-root2', { proof: [...proof, root2] }),
      bad('truncated-proof', { proof: proof.slice(0, -1) }),
      ...proof.map((hash, at) => bad(`modified-proof@${at}-bit-@4`, { proof: proof.with(at, flipped(hash, 4)) })),
    ];
  });
}

/** Sizes and roots at the edges. Many of the roots have twelve bytes, one of them in a case that is right there: nothing of that length is a root here. */
function edgeCases(): Named<Consistency>[] {
  const [one, two] = [text("don't care 1"), text("don't care 2")];
  const edge = (
    name: string,
    size1: number,
    size2: number,
    root1: string,
    root2: string,
    proof: string[] = [],
    wantErr = true,
  ) => ({
    size1,
    size2,
    root1,
    root2,
    proof,
    name: `additional/${name}`,
    wantErr,
  });
  return [
    edge('consistency-check-on-empty-tree-size1-is-zero-is-useless', 0, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT]),
    edge('roots-do-not-match-and-sizes-are-zero', 0, 0, EMPTY_ROOT, two),
    edge('roots-do-not-not-match-and-sizes-are-one', 1, 1, EMPTY_ROOT, two),
    edge('size1-is-greater-than-size2', 1, 0, one, two),
    edge('size1-is-greater-than-size2-again', 2, 1, one, two),
    edge('size1-is-zero-and-does-not-equal-size2', 0, 1, one, two),
    edge('size1-is-zero-and-size2-is-not-zero', 0, 1, EMPTY_ROOT, two),
    edge('sizes-are-equal-one-and-proof-is-empty', 1, 1, two, two, [], false),
    edge('sizes-are-equal-one-but-roots-are-not', 1, 1, one, two),
    edge('sizes-are-equal-zero-and-proof-is-empty', 0, 0, one, one),
    edge('sizes-are-equal-zero-but-roots-are-not', 0, 0, one, two),
    edge('sizes-do-not-watch-and-proof-is-empty', 1, 2, one, two),
    edge('sizes-match-but-proof-is-not-empty-and-sizes-are-one', 1, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT]),
    edge('sizes-match-but-proof-is-not-empty-and-sizes-are-zero', 0, 0, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT]),
  ];
}

function edgesOfInclusion(): Named<Inclusion>[] {
  const root = 'DTrtAjFI/9KiWfvQzcf7PPl1ZYdg03dbgq9vkKrMLfw=';
  const single = (name: string, leafHash: string, of: string, wantErr = true) => ({
    leafIdx: 0,
    treeSize: 1,
    leafHash,
    root: of,
    proof: [],
    name: `single-entry/${name}`,
    wantErr,
  });
  const sizes: readonly (readonly [index: number, size: number])[] = [
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 1],
  ];
  return [
    single('matching-root-and-leaf', root, root, false),
    single('empty-root', root, ''),
    single('empty-leaf', '', root),
    single('empty-root-and-leaf', '', ''),
    ...sizes.flatMap(([leafIdx, treeSize], number) => {
      const none = { leafIdx, treeSize, proof: [], wantErr: true };
      return [
        { ...none, leafHash: '', root: EMPTY_ROOT, name: `additional/${number}/empty-root` },
        { ...none, leafHash: RANDOM, root: '', name: `additional/${number}/random-leaf` },
        { ...none, leafHash: RANDOM, root: EMPTY_ROOT, name: `additional/${number}/empty-root-and-random-leaf` },
      ];
    }),
  ];
}

const inclusion = [...inclusionCases(), ...edgesOfInclusion()];
const consistency = [...consistencyCases(), ...edgeCases()];

test('the paths are those that the tree itself gives for the eight leaves of the reference', () => {
  const leaves = published.leaves.map((leaf) => tree.leafHash(fromHex(leaf)));
  for (const [size, root] of Object.entries(published.roots))
    expect(toBase64(tree.root(leaves.slice(0, Number(size))))).toBe(root);
  for (const { leafIdx, treeSize, proof } of published.inclusion)
    expect(tree.inclusionProof(leaves.slice(0, treeSize), leafIdx).map(toBase64)).toEqual(proof);
  for (const { size1, size2, proof } of published.consistency)
    expect(tree.consistencyProof(leaves.slice(0, size2), size1).map(toBase64)).toEqual(proof);
});

describe('196 published cases', () => {
  test('there are 98 of each kind', () => expect([inclusion.length, consistency.length]).toEqual([98, 98]));

  test.each(inclusion)('inclusion/$name', (each) => expect(includes(each)).toBe(!each.wantErr));

  test.each(consistency)('consistency/$name', (each) => {
    const isRoot = bytes(each.root1).length === 32;
    expect(grows(each)).toBe(!each.wantErr && isRoot);
  });

  test('an older tree of no leaves proves nothing, whatever is given with it', () => {
    const none = consistency.filter(({ size1 }) => size1 === 0);
    expect(none.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['additional/size1-is-zero-and-size2-is-not-zero']) as string[],
    );
    expect(none.filter(grows)).toEqual([]);
    expect(none.length).toBeGreaterThanOrEqual(7);
  });
});

/** `testdata` of a checkout of transparency-dev/merkle, for whoever has one: the cases above are those files. */
const FOLDERS = [process.env['CAUSEWAY_MERKLE_TESTDATA'] ?? ''].filter((folder) => folder !== '');

test.each(FOLDERS)('these cases are the files of that project, one for one: %s', (folder) => {
  const read = (kind: string) =>
    new Map(
      readdirSync(join(folder, kind), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.json'))
        .map((file) => [
          file.replace(/\.json$/, ''),
          JSON.parse(readFileSync(join(folder, kind, file), 'utf8')) as Record<string, unknown>,
        ]),
    );
  const same = (files: ReadonlyMap<string, Record<string, unknown>>, cases: readonly { readonly name: string }[]) => {
    expect(cases.map(({ name }) => name).toSorted()).toEqual([...files.keys()].toSorted());
    for (const { name, ...rest } of cases) expect({ ...files.get(name), desc: undefined }).toEqual({ ...rest, desc: undefined });
  };
  same(read('inclusion'), inclusion);
  same(read('consistency'), consistency);
});
