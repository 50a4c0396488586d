import 'server-only';
import { sign } from 'node:crypto';
import type { LockedLog, SignedHead } from '#lib/db/receipts/heads.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { ActiveKey } from '#lib/keys/signing-keys.ts';
import { checkpointText } from '#lib/receipts/checkpoint.ts';
import { HASH_BYTES, sameBytes, sha256 } from '#lib/receipts/hash.ts';
import { entryHash, logConsistency, logRoot } from '#lib/receipts/log-nodes.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import { formatNote, keyIdOf, NOTE_TYPES, parseNote } from '#lib/receipts/note.ts';

/** The head that this process knows to have been signed: what is read back must have grown out of it. */
export type KnownHead = Pick<SignedHead, 'size' | 'root'>;

const tree = new MerkleTree(sha256);
const encoder = new TextEncoder();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * The next head of a log, signed; undefined where it has not grown. Everything is recomputed from what the database gives back: the last entry from its
 * header, and that the log grew out of the head that was signed last, and out of the one that this process remembers. Throws `conflict` when anything does
 * not fit: then nothing is signed.
 */
export async function nextHead(
  log: LockedLog,
  origin: string,
  key: ActiveKey,
  known: KnownHead | undefined,
): Promise<SignedHead | undefined> {
  const { size, signed, read } = log;
  if (signed && signed.size > size) throw refused(`its signed head has ${signed.size} entries, but it holds only ${size}`);
  if (known && known.size > size)
    throw refused(`it holds ${size} entries, but a head of ${known.size} was signed: an older state of the database came back`);
  const introducedAt = await log.introducedAt(key.kid);
  if (introducedAt === undefined) throw new CausewayError('not-configured', `key ${key.kid} is not introduced in the log yet`);
  await checkLastEntry(log);
  if (signed) await checkSigned(log, origin, signed);
  if (known && (known.size !== signed?.size || known.root !== signed.root)) await checkGrowth(log, known);
  if (signed?.size === size) return undefined;
  const root = await logRoot(size, read);
  const text = checkpointText({ origin, size, root });
  const keyId = keyIdOf(origin, NOTE_TYPES.ed25519, key.publicKey);
  const signature = Uint8Array.from(sign(null, encoder.encode(text), key.privateKey));
  return {
    size,
    root: hex(root),
    note: formatNote({ text, signatures: [{ name: origin, keyId, signature }] }),
    kid: key.kid,
  };
}

/** The newest batch is the one the end of the log names, and its header is the entry of the tree. */
async function checkLastEntry({ size, headerHash, lastHeader, read }: LockedLog): Promise<void> {
  const header = encoder.encode(lastHeader);
  if (hex(sha256(header)) !== headerHash) throw refused(`batch ${size - 1} is not the one that its end names`);
  const [node] = await nodes(read, [{ level: 0, index: size - 1 }]);
  if (!node || !sameBytes(node, entryHash(header)))
    throw refused(`entry ${size - 1} of its tree is not the header of that batch`);
}

/** The stored head says what it says of itself, and the log grew out of it. */
async function checkSigned(log: LockedLog, origin: string, signed: SignedHead): Promise<void> {
  const root = rootOf(signed);
  let text: string;
  try {
    ({ text } = parseNote(signed.note));
  } catch (error) {
    throw refused(`the note of its head of ${signed.size} cannot be read: ${messageOf(error)}`);
  }
  if (!root || text !== checkpointText({ origin, size: signed.size, root }))
    throw refused(`the note of its head of ${signed.size} is over something else`);
  await checkGrowth(log, signed);
}

async function checkGrowth({ size, read }: LockedLog, older: KnownHead): Promise<void> {
  const olderRoot = rootOf(older);
  if (!olderRoot) throw refused(`the root of its head of ${older.size} is none`);
  try {
    const [root, proof] = [await logRoot(size, read), await logConsistency(older.size, size, read)];
    if (tree.verifyConsistency({ olderSize: older.size, olderRoot, size, root, proof })) return;
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw refused(messageOf(error));
  }
  throw refused(`what it holds did not grow out of the head of ${older.size} that was signed`);
}

async function nodes(read: LockedLog['read'], asked: Parameters<LockedLog['read']>[0]): Promise<readonly Uint8Array[]> {
  try {
    return await read(asked);
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw refused(messageOf(error));
  }
}

function rootOf({ root }: KnownHead): Uint8Array | undefined {
  return /^[0-9a-f]+$/.test(root) && root.length === HASH_BYTES * 2 ? Uint8Array.from(Buffer.from(root, 'hex')) : undefined;
}

const refused = (why: string) => new CausewayError('conflict', `the log is not consistent, so its head is not signed: ${why}`);
