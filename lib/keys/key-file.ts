import 'server-only';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { keyOfJwkX, keyProblem, type PublicKey, thumbprint } from '#lib/receipts/public-key.ts';

/** A key whose private part is here. It exists as a `KeyObject` alone, which no log line, error or JSON shows. */
export interface HeldKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly publicKey: PublicKey;
  /** Public key, base64url, as in a JWK. */
  readonly x: string;
  readonly privateKey: KeyObject;
  readonly path: string;
}

const MOST_KEY_BYTES = 16_384;

/**
 * Reads the private key of Ed25519 in a file: PKCS#8 PEM, readable by nobody but its owner, who is this process or root. Throws `not-configured` with
 * the reason and, where there is one, the command that mends it; nothing of what is in the file is repeated.
 */
export function readKeyFile(path: string): HeldKey {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw refused(path, `cannot be read: ${messageOf(error)}`);
  }
  try {
    const stats = fstatSync(file); // of what was opened: the name may come to mean another file meanwhile
    checkOwner(path, stats);
    if (stats.size > MOST_KEY_BYTES) throw refused(path, `is larger than ${MOST_KEY_BYTES} bytes and no key`);
    return heldKey(privateKeyIn(path, readFileSync(file, 'utf8')), path);
  } finally {
    closeSync(file);
  }
}

/** Names of the key files of a role in a directory, the oldest first; none when there is no such directory. */
export function keyFilesIn(directory: string, role: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw refused(directory, `cannot be listed: ${messageOf(error)}`);
  }
  return names
    .filter((name) => name.startsWith(`${role}-`) && name.endsWith('.pem'))
    .toSorted()
    .map((name) => join(directory, name));
}

/** Makes a key in a file of its own, mode 0400, whose name begins with the role and the time; it is on disk when this returns. */
export function makeKeyFile(directory: string, role: string, now: number): HeldKey {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const { privateKey } = generateKeyPairSync('ed25519');
  const stamp = new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '');
  const key = heldKey(privateKey, '');
  const path = join(directory, `${role}-${stamp}-${key.kid.slice(0, 8)}.pem`);
  writeKeyFile(path, privateKey);
  return { ...key, path };
}

/** Writes a private key: whole or not at all, mode 0400, never over a file that is there. Throws `conflict` for one that is. */
export function writeKeyFile(path: string, privateKey: KeyObject): void {
  const half = `${path}.${process.pid}.tmp`;
  const file = openSync(half, 'wx', 0o400);
  try {
    writeSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string); // a PEM is text
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(half, path);
  } catch (error) {
    throw new CausewayError('conflict', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  } finally {
    rmSync(half, { force: true });
  }
  syncFolderOf(path);
}

/** Removes the private part of a key that signs no more. */
export function removeKeyFile(path: string): void {
  rmSync(path, { force: true });
}

function checkOwner(path: string, stats: Stats): void {
  const uid = process.getuid?.();
  const mode = stats.mode & 0o777;
  const octal = `0${mode.toString(8).padStart(3, '0')}`;
  if (!stats.isFile()) throw refused(path, 'is no file');
  if (uid !== undefined && stats.uid !== uid && stats.uid !== 0)
    throw refused(path, `belongs to user ${stats.uid}, neither to this process nor to root`, `chown ${uid} ${path}`);
  // A Secret in a pod with fsGroup is root's, and readable by that one group: nobody but this process is in it.
  const byGroup = mode === 0o440 && stats.uid === 0 && uid !== 0 && process.getgroups?.().includes(stats.gid) === true;
  if (mode !== 0o400 && !byGroup)
    throw refused(path, `has mode ${octal}, so that others may read or change it`, `chmod 0400 ${path}`);
}

function privateKeyIn(path: string, text: string): KeyObject {
  if (!text.includes('-----BEGIN PRIVATE KEY-----')) {
    const what = text.includes('ENCRYPTED') ? 'is encrypted' : 'holds no private key in PKCS#8 PEM';
    throw refused(path, what, `openssl pkcs8 -topk8 -nocrypt -in OLD -out ${path}`);
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem' });
  } catch {
    throw refused(path, 'holds no private key that can be read'); // what the library says of it may quote it
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw refused(
      path,
      `holds a key of ${key.asymmetricKeyType ?? 'an unknown kind'}, not of Ed25519`,
      `openssl genpkey -algorithm ed25519 -out ${path}`,
    );
  return key;
}

function heldKey(privateKey: KeyObject, path: string): HeldKey {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = keyOfJwkX(x);
  const problem = publicKey ? keyProblem(publicKey) : 'it is no Ed25519 key';
  if (!publicKey || problem !== undefined) throw refused(path, `is refused: ${problem}`);
  return { kid: thumbprint(publicKey), publicKey, x, privateKey, path };
}

/** Name of a key’s file as people are told it. */
export const sourceOf = ({ path }: HeldKey): string => basename(path);

function refused(path: string, why: string, command?: string): CausewayError {
  return new CausewayError('not-configured', `the key file ${path} ${why}${command === undefined ? '' : `; run: ${command}`}`);
}

function syncFolderOf(path: string): void {
  const folder = openSync(join(path, '..'), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
