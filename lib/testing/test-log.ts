import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { AddCheckpoint } from '#lib/receipts/add-checkpoint.ts';
import { checkpointText } from '#lib/receipts/checkpoint.ts';
import { sha256 } from '#lib/receipts/hash.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { formatNote, keyIdOf, NOTE_TYPES } from '#lib/receipts/note.ts';
import { TestKey } from './receipts.ts';

const tree = new MerkleTree(sha256);

/** A log whose entries are its name and their numbers, to be shown to witnesses. */
export class TestLog {
  readonly key = new TestKey();
  readonly origin: string;
  readonly #seed: string;

  /** Two logs of one origin and other seeds are forks of each other. */
  constructor(origin: string, seed = origin) {
    this.origin = origin;
    this.#seed = seed;
  }

  #leaves(size: number): Uint8Array[] {
    return Array.from({ length: size }, (_, index) => tree.leafHash(utf8ToBytes(`${this.#seed} ${index}`)));
  }

  root(size: number): Uint8Array {
    return tree.root(this.#leaves(size));
  }

  /** The signed head of that size. */
  note(size: number, key = this.key): string {
    const text = checkpointText({ origin: this.origin, size, root: this.root(size) });
    const signature = key.sign(utf8ToBytes(text));
    return formatNote({
      text,
      signatures: [{ name: this.origin, keyId: keyIdOf(this.origin, NOTE_TYPES.ed25519, key.public), signature }],
    });
  }

  /** What is asked of a witness that has seen `oldSize`. */
  request(oldSize: number, size: number): AddCheckpoint {
    const proof = oldSize === 0 || oldSize > size ? [] : tree.consistencyProof(this.#leaves(size), oldSize);
    return { oldSize, proof, note: this.note(size) };
  }
}
