import 'server-only';
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { cosignatureMessage, cosignatureOf, parseCheckpoint } from '#lib/receipts/checkpoint.ts';
import { sameBytes } from '#lib/receipts/hash.ts';
import { keyIdOf, NOTE_TYPES, parseNote } from '#lib/receipts/note.ts';
import type { PublicKey } from '#lib/receipts/public-key.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';

/** What a witness remembers of a log: the newest head that it gave its word for. */
export interface StoredHead {
  readonly size: number;
  readonly root: Uint8Array;
  /** When, Unix seconds. */
  readonly time: number;
  /** The head as the log and the witness signed it. */
  readonly note: string;
}

const SUFFIX = '.head';

/**
 * The heads that a witness has cosigned, one file for each log. Everything here waits for the disk: what is returned from is there after a crash. A
 * file carries the witness's own signature, so that it proves by itself that nothing in it was changed.
 */
export class HeadStore {
  readonly #folder: string;
  readonly #heads: Map<string, StoredHead>;
  /** Logs whose file may not be what is remembered, after a write that failed half way. */
  readonly #uncertain = new Set<string>();

  private constructor(folder: string, heads: Map<string, StoredHead>) {
    this.#folder = folder;
    this.#heads = heads;
  }

  /** Reads what is there. Throws `not-configured` for a file that is not as this witness wrote it: who has forgotten a head could be shown another one. */
  static open(folder: string, name: string, key: PublicKey): HeadStore {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const heads = new Map<string, StoredHead>();
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.tmp')) rmSync(join(folder, file)); // it was never answered for
      if (!file.endsWith(SUFFIX)) continue;
      const path = join(folder, file);
      try {
        const { origin, ...head } = readHead(readFileSync(path, 'utf8'), name, key);
        if (fileOf(origin) !== file) throw new CausewayError('bad-input', `it is of the log ${origin}`);
        heads.set(origin, head);
      } catch (error) {
        const why = `${path} is not as this witness wrote it: ${messageOf(error)}`;
        throw new CausewayError('not-configured', `${why}; nothing is witnessed before somebody has looked at it`, {
          cause: error,
        });
      }
    }
    return new HeadStore(folder, heads);
  }

  get(origin: string): StoredHead | undefined {
    return this.#heads.get(origin);
  }

  /** Keeps the newest head of a log: written, forced to disk, put in the place of the last one, and the folder forced to disk. Throws, and remembers nothing, when a step fails. */
  put(origin: string, head: StoredHead): void {
    if (this.#uncertain.has(origin)) throw new Error('an earlier write of this log failed half way: restart the witness');
    const path = join(this.#folder, fileOf(origin));
    this.#checkUnchanged(path, this.#heads.get(origin)?.note);
    const half = `${path}.tmp`;
    this.#uncertain.add(origin);
    writeWhole(half, head.note);
    renameSync(half, path);
    syncFolder(this.#folder);
    this.#uncertain.delete(origin);
    this.#heads.set(origin, head);
  }

  /** Somebody else who writes here would make this witness's memory worth nothing. */
  #checkUnchanged(path: string, expected: string | undefined): void {
    let found: string | undefined;
    try {
      found = readFileSync(path, 'utf8');
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    }
    if (found !== expected) throw new Error(`${path} was changed by another process`);
  }
}

function readHead(note: string, name: string, key: PublicKey): StoredHead & { readonly origin: string } {
  const { text, signatures } = parseNote(note);
  const { origin, size, root } = parseCheckpoint(text);
  const keyId = keyIdOf(name, NOTE_TYPES.cosignature, key);
  const own = signatures.find((line) => line.name === name && sameBytes(line.keyId, keyId));
  const cosignature = own && cosignatureOf(own);
  if (!cosignature) throw new CausewayError('bad-input', `no signature of ${name} by its present key is on it`);
  if (verifyByNode(key, cosignatureMessage(cosignature.time, text), cosignature.signature) !== true)
    throw new CausewayError('bad-input', 'its own signature on it does not verify');
  return { origin, size, root, time: cosignature.time, note };
}

/** Origins are free text: their hash is a name that any file system takes. */
const fileOf = (origin: string): string => `${createHash('sha256').update(origin).digest('hex')}${SUFFIX}`;

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
