import type { CosignatureRow, HeadRow } from '#lib/db/receipts/fsck.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type Checkpoint, cosignatureMessage, cosignatureOf, parseCheckpoint } from '#lib/receipts/checkpoint.ts';
import { sameBytes } from '#lib/receipts/hash.ts';
import { keyIdOf, NOTE_TYPES, parseNote, type SignedNote } from '#lib/receipts/note.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { verifyInPool } from './native.ts';
import { bytesOf, hex } from './texts.ts';

export interface HeadToCheck {
  readonly cluster: string;
  /** Root of the log at the size of the head, where it is known. */
  readonly root: Uint8Array | undefined;
  readonly key: PublicKey | undefined;
  /** First line of the log’s other heads, where there are any. */
  readonly origin: string | undefined;
}

export interface CheckedHead {
  readonly problem?: string;
  /** Present when the row is what was signed: whatever the log says. */
  readonly signed?: { readonly note: SignedNote; readonly origin: string };
}

/** Checks a signed head against itself, its key and the log. */
export async function checkHead(row: HeadRow, { cluster, root, key, origin }: HeadToCheck): Promise<CheckedHead> {
  const read = readHead(row.note);
  if (typeof read === 'string') return { problem: read };
  const { note, head } = read;
  if (head.size !== row.size) return { problem: `its note is of ${head.size} batches` };
  if (hex(head.root) !== row.root) return { problem: 'root is not the one of its note' };
  if (!head.origin.endsWith(`/${cluster}`) || (origin !== undefined && head.origin !== origin))
    return { problem: `its note is of the log ${head.origin}` };
  const line = note.signatures.find(({ name }) => name === head.origin);
  if (!line || note.signatures.length !== 1) return { problem: 'its note does not carry the signature of the log alone' };
  if (key) {
    if (!sameBytes(line.keyId, keyIdOf(head.origin, NOTE_TYPES.ed25519, key)))
      return { problem: `its note is not signed by key ${row.kid}` };
    const good = line.signature.length === 64 && (await verifyInPool(key, bytesOf(note.text), line.signature));
    if (!good) return { problem: `its signature does not verify under key ${row.kid}` };
  }
  const signed = { note, origin: head.origin };
  if (root && !sameBytes(root, head.root))
    return { signed, problem: 'the batches of the log make another root than the one that was signed' };
  return { signed };
}

/** What is wrong with a cosignature of the head with this text; `unknown` for a witness whose key is not known here. */
export async function checkCosignature(
  row: CosignatureRow,
  text: string,
  witnesses: ReadonlyMap<string, PublicKey>,
): Promise<{ readonly problem?: string; readonly unknown?: true }> {
  const read = readHead(`${text}\n${row.line.trimEnd()}\n`);
  if (typeof read === 'string') return { problem: 'its line is no signature of a note' };
  const [line, ...more] = read.note.signatures;
  const cosignature = line && cosignatureOf(line);
  if (!line || !cosignature || more.length > 0) return { problem: 'its line is no cosignature' };
  if (line.name !== row.witness) return { problem: `its line is of witness ${line.name}` };
  if (row.at_ms !== cosignature.time * 1000) return { problem: 'at_ms is not the time that its line says' };
  const key = witnesses.get(row.witness);
  if (!key) return { unknown: true };
  if (!sameBytes(line.keyId, keyIdOf(line.name, NOTE_TYPES.cosignature, key)))
    return { problem: 'it is by another key than the witness’s' };
  const good = await verifyInPool(key, cosignatureMessage(cosignature.time, text), cosignature.signature);
  return good ? {} : { problem: 'it does not verify under the key of the witness' };
}

/** A note that holds a checkpoint, or why it does not. */
export function readHead(text: string): { readonly note: SignedNote; readonly head: Checkpoint } | string {
  try {
    const note = parseNote(text);
    return { note, head: parseCheckpoint(note.text) };
  } catch (error) {
    if (error instanceof CausewayError) return error.message;
    throw error;
  }
}
