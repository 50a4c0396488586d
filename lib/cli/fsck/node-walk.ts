import { sameBytes } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { nativeSha256 } from './native.ts';

/** Stored nodes by `level/index`. */
export type StoredNodes = ReadonlyMap<string, Uint8Array>;

export interface NodeProblem {
  readonly level: number;
  readonly index: number;
  readonly problem: string;
}

export const logTree = new MerkleTree(nativeSha256);

/**
 * The tree of a log as its entries make it, entry by entry, compared with the nodes that are stored. Where an entry is not known, a stored node above it is
 * believed, so that one broken row does not hide the others.
 */
export class NodeWalk {
  #size = 0;
  /** The complete subtrees so far, the largest first. */
  readonly #peaks: { readonly level: number; readonly hash: Uint8Array | undefined }[] = [];

  get size(): number {
    return this.#size;
  }

  /** Adds the next entry by its hash, or by none where it is not known. What is wrong with the nodes above it that are complete now. */
  add(entry: Uint8Array | undefined, stored: StoredNodes): NodeProblem[] {
    const problems: NodeProblem[] = [];
    let [hash, level, index] = [entry, 0, this.#size];
    while (this.#peaks.at(-1)?.level === level) {
      const left = this.#peaks.pop()?.hash;
      [level, index] = [level + 1, (index - 1) / 2];
      const there = stored.get(`${level}/${index}`);
      const made: Uint8Array | undefined = left && hash && logTree.nodeHash(left, hash);
      if (made && !there) problems.push({ level, index, problem: 'the node is missing' });
      else if (made && there && !sameBytes(made, there))
        problems.push({ level, index, problem: 'it is not the hash of the two nodes below it' });
      hash = made ?? there;
    }
    this.#peaks.push({ level, hash });
    this.#size += 1;
    return problems;
  }

  /** Root over all entries so far; undefined while a part of it is not known. */
  root(): Uint8Array | undefined {
    if (this.#size === 0) return logTree.root([]);
    return this.#peaks.map(({ hash }) => hash).reduceRight((right, left) => left && right && logTree.nodeHash(left, right));
  }
}
