import { concatBytes } from '@noble/hashes/utils.js';
import { type Hash, HASH_BYTES, sameBytes } from './hash.ts';

const LEAF = new Uint8Array([0x00]);
const NODE = new Uint8Array([0x01]);

/**
 * The tree of RFC 6962, section 2.1, over any hash: leaves and nodes are told apart by a prefix, the order of leaves is kept, and an odd node is
 * carried up as it is, not doubled. Leaves are given by their hashes.
 */
export class MerkleTree {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  leafHash(data: Uint8Array): Uint8Array {
    return this.#hash(concatBytes(LEAF, data));
  }

  nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
    return this.#hash(concatBytes(NODE, left, right));
  }

  /** Root over `leaves`; that of none is the hash of nothing. */
  root(leaves: readonly Uint8Array[]): Uint8Array {
    if (leaves.length === 0) return this.#hash(new Uint8Array());
    let level = leaves;
    while (level.length > 1) level = this.#levelAbove(level);
    return level[0] as Uint8Array;
  }

  /** Audit path of the leaf at `index`, from the leaf upwards. Throws a RangeError for an index outside. */
  inclusionProof(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
    if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
      throw new RangeError(`no leaf ${index} in ${leaves.length}`);
    const path: Uint8Array[] = [];
    for (let level = leaves, at = index; level.length > 1; level = this.#levelAbove(level), at >>= 1) {
      const sibling = level[at ^ 1];
      if (sibling) path.push(sibling);
    }
    return path;
  }

  /** Proof that the tree of the first `older` leaves is a prefix of the whole (RFC 6962, section 2.1.2). Throws a RangeError for a size outside 1..n. */
  consistencyProof(leaves: readonly Uint8Array[], older: number): Uint8Array[] {
    if (!Number.isSafeInteger(older) || older < 1 || older > leaves.length)
      throw new RangeError(`no tree of ${older} in ${leaves.length}`);
    return this.#subproof(older, leaves, true);
  }

  #subproof(older: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
    if (older === leaves.length) return whole ? [] : [this.root(leaves)];
    const split = largestPowerBelow(leaves.length);
    const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
    return older <= split
      ? [...this.#subproof(older, left, whole), this.root(right)]
      : [...this.#subproof(older - split, right, false), this.root(left)];
  }

  #levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at] as Uint8Array, level[at + 1]];
      above.push(right ? this.nodeHash(left, right) : left);
    }
    return above;
  }

  /** RFC 9162, section 2.1.3.2. False for anything that does not fit together, never an exception. */
  verifyInclusion(claim: {
    readonly leafHash: Uint8Array;
    readonly index: number;
    readonly size: number;
    readonly proof: readonly Uint8Array[];
    readonly root: Uint8Array;
  }): boolean {
    const { leafHash, index, size, proof, root } = claim;
    if (!isSize(index) || !isSize(size) || index >= size || !allHashes([leafHash, root, ...proof])) return false;
    let [at, last, hash] = [BigInt(index), BigInt(size - 1), leafHash];
    for (const sibling of proof) {
      if (last === 0n) return false;
      if ((at & 1n) === 1n || at === last) {
        hash = this.nodeHash(sibling, hash);
        while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
      } else hash = this.nodeHash(hash, sibling);
      [at, last] = [at >> 1n, last >> 1n];
    }
    return last === 0n && sameBytes(hash, root);
  }

  /** RFC 9162, section 2.1.4.2. False for anything that does not fit together; an older tree of no leaves proves nothing and is refused. */
  verifyConsistency(claim: {
    readonly olderSize: number;
    readonly olderRoot: Uint8Array;
    readonly size: number;
    readonly root: Uint8Array;
    readonly proof: readonly Uint8Array[];
  }): boolean {
    const { olderSize, olderRoot, size, root, proof } = claim;
    if (!isSize(olderSize) || !isSize(size) || olderSize < 1 || olderSize > size || !allHashes([olderRoot, root, ...proof]))
      return false;
    if (olderSize === size) return proof.length === 0 && sameBytes(olderRoot, root);
    if (proof.length === 0) return false;
    let [at, last] = [BigInt(olderSize - 1), BigInt(size - 1)];
    while ((at & 1n) === 1n) [at, last] = [at >> 1n, last >> 1n];
    // A tree of a power of two is a node of the newer one: its root is not in the proof.
    const rest = isPowerOfTwo(olderSize) ? proof : proof.slice(1);
    const first = isPowerOfTwo(olderSize) ? olderRoot : (proof[0] as Uint8Array);
    let [older, newer] = [first, first];
    for (const sibling of rest) {
      if (last === 0n) return false;
      if ((at & 1n) === 1n || at === last) {
        older = this.nodeHash(sibling, older);
        newer = this.nodeHash(sibling, newer);
        while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
      } else newer = this.nodeHash(newer, sibling);
      [at, last] = [at >> 1n, last >> 1n];
    }
    return last === 0n && sameBytes(older, olderRoot) && sameBytes(newer, root);
  }
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const allHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every(({ length }) => length === HASH_BYTES);
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));

/** Largest power of two below `size`, which is at least 2. */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
