import { utf8ToBytes } from '@noble/hashes/utils.js';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { HASH_BYTES, sameBytes, sha256 } from './hash.ts';
import { MerkleTree } from './merkle.ts';
import { keyIdOf, NOTE_TYPES, type NoteSignature, parseNote, type SignedNote } from './note.ts';
import type { PublicKey, VerifyEd25519 } from './public-key.ts';

/** What a log asks of a witness (C2SP tlog-witness, `add-checkpoint`): that the head of the note grew out of the one it saw last. */
export interface AddCheckpoint {
  /** Size of the head that the witness saw last; 0 for none. */
  readonly oldSize: number;
  /** Consistency proof from there to the head of the note (RFC 6962, section 2.1.2). */
  readonly proof: readonly Uint8Array[];
  readonly note: string;
}

export const MOST_PROOF_LINES = 63;
/** Largest request, in bytes: a note with a hundred signatures fits. */
export const MOST_REQUEST_BYTES = 64 * 1024;
/** Content type of the size that a witness answers where it saw another head last. */
export const SIZE_TYPE = 'text/x.tlog.size';

/** Body of the request. Throws a RangeError for more hashes than the protocol takes. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  if (proof.length > MOST_PROOF_LINES) throw new RangeError(`a witness takes ${MOST_PROOF_LINES} hashes, not ${proof.length}`);
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`;
}

/** Reads the body of a request. Throws `bad-input`. */
export function parseAddCheckpoint(body: string): AddCheckpoint & { readonly signed: SignedNote; readonly head: Checkpoint } {
  const end = body.indexOf('\n\n');
  const [oldLine = '', ...lines] = body.slice(0, Math.max(0, end)).split('\n');
  const oldSize = Number(/^old (0|[1-9]\d{0,15})$/.exec(oldLine)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(oldSize)) throw new CausewayError('bad-input', 'the first line is no "old SIZE"');
  if (lines.length > MOST_PROOF_LINES) throw new CausewayError('bad-input', `more than ${MOST_PROOF_LINES} hashes`);
  const proof = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw new CausewayError('bad-input', 'a line of the proof is no hash of 32 bytes in base64');
    return hash;
  });
  const note = body.slice(end + 2);
  const signed = parseNote(note);
  return { oldSize, proof, note, signed, head: parseCheckpoint(signed.text) };
}

/** A head that a witness has given its word for. */
export interface SeenHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a witness makes of a request, before it remembers anything. */
export type CosignDecision =
  | { readonly cosign: true; readonly head: Checkpoint; readonly text: string; readonly signature: NoteSignature }
  | {
      readonly cosign: false;
      readonly status: 400 | 403 | 404 | 409 | 422;
      readonly reason: string;
      /** Of the head seen last, with 409. */
      readonly size?: number;
      readonly origin?: string;
    };

const tree = new MerkleTree(sha256);

/**
 * The rules of `add-checkpoint`. `logs` are the keys of each log by its origin, `seen` is the head last seen of a log. The order is the protocol's:
 * only who holds a log's key learns anything of its state.
 */
export async function decideCosign(
  body: string,
  logs: ReadonlyMap<string, readonly PublicKey[]>,
  seen: (origin: string) => SeenHead | undefined,
  verify: VerifyEd25519,
): Promise<CosignDecision> {
  let request: ReturnType<typeof parseAddCheckpoint>;
  try {
    request = parseAddCheckpoint(body);
  } catch (error) {
    return { cosign: false, status: 400, reason: messageOf(error) };
  }
  const { oldSize, proof, signed, head } = request;
  const { origin } = head;
  const refuse = (status: 400 | 403 | 404 | 409 | 422, reason: string, size?: number): CosignDecision => ({
    cosign: false,
    status,
    reason,
    origin,
    ...(size !== undefined && { size }),
  });
  const keys = logs.get(origin);
  if (!keys) return refuse(404, 'this log is not known here');
  const signature = await signatureOfLog(signed, origin, keys, verify);
  if (!signature) return refuse(403, 'no key of the log that is known here has signed this');
  if (oldSize > head.size) return refuse(400, 'the old size is larger than the new one');
  const last = seen(origin);
  const lastSize = last?.size ?? 0;
  if (oldSize !== lastSize) return refuse(409, 'another head was seen last', lastSize);
  if (last && last.size === head.size && !sameBytes(last.root, head.root))
    return refuse(409, 'a head of this size with another root was seen', lastSize);
  if (!grewOutOf(last, head, proof)) return refuse(422, 'this head did not grow out of the one seen last, or the proof is wrong');
  return { cosign: true, head, text: signed.text, signature };
}

/** Everything grows out of an empty log, and needs no proof for it. */
function grewOutOf(last: SeenHead | undefined, { size, root }: Checkpoint, proof: readonly Uint8Array[]): boolean {
  if (!last || last.size === 0) return proof.length === 0 && (size > 0 || sameBytes(root, tree.root([])));
  return tree.verifyConsistency({ olderSize: last.size, olderRoot: last.root, size, root, proof });
}

/** The first good signature of the log; none where one that names a key of the log is not good (C2SP signed-note). */
async function signatureOfLog(
  { text, signatures }: SignedNote,
  origin: string,
  keys: readonly PublicKey[],
  verify: VerifyEd25519,
): Promise<NoteSignature | undefined> {
  const message = utf8ToBytes(text);
  let found: NoteSignature | undefined;
  for (const line of signatures)
    for (const key of keys) {
      if (line.name !== origin || !sameBytes(line.keyId, keyIdOf(origin, NOTE_TYPES.ed25519, key))) continue;
      if (line.signature.length !== 64 || !(await verify(key, message, line.signature))) return undefined;
      found ??= line;
    }
  return found;
}
