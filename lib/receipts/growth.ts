import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { parseCheckpoint } from './checkpoint.ts';
import { sha256 } from './hash.ts';
import { MerkleTree } from './merkle.ts';
import { parseNote } from './note.ts';

/** A head of a log: how many batches, and the root over them in hexadecimal. */
export interface LogHead {
  readonly size: number;
  readonly root: string;
}

/**
 * Whether the older log is the beginning of the newer one: nothing in it was changed, left out or put in. `path` is the proof, in hexadecimal. False
 * for anything that does not fit together. Both roots have to come from heads that one has: those a server names prove nothing about them.
 */
export function hasGrown(older: LogHead, newer: LogHead, path: readonly string[]): boolean {
  if (![older.root, newer.root, ...path].every((hash) => /^[0-9a-f]{64}$/.test(hash))) return false;
  return new MerkleTree(sha256).verifyConsistency({
    olderSize: older.size,
    olderRoot: hexToBytes(older.root),
    size: newer.size,
    root: hexToBytes(newer.root),
    proof: path.map(hexToBytes),
  });
}

/** The head that a note tells of, and of which log. Throws `bad-input` for a text that is no signed note of a log; whose signatures it has is asked elsewhere. */
export function headOfNote(note: string): LogHead & { readonly origin: string } {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text);
  return { origin, size, root: bytesToHex(root) };
}
