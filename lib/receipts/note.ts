import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { CausewayError } from '#lib/errors/errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { sha256 } from './hash.ts';
import type { PublicKey } from './public-key.ts';

/** Signature types of C2SP signed notes and cosignatures that are known here. */
export const NOTE_TYPES = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteType = (typeof NOTE_TYPES)[keyof typeof NOTE_TYPES];

export interface NoteSignature {
  /** Name of the key: no space and no plus. */
  readonly name: string;
  /** First four bytes of the hash of name, type and key. */
  readonly keyId: Uint8Array;
  /** What follows them. */
  readonly signature: Uint8Array;
}

/** A text that several have signed (C2SP signed-note). */
export interface SignedNote {
  /** Ends with a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const SPLIT = '\n\n';
const DASH = '\u2014';
const MOST_SIGNATURES = 100;

/** Which key of that name: the first four bytes of SHA-256(name LF type key). */
export const keyIdOf = (name: string, type: NoteType, key: PublicKey): Uint8Array =>
  sha256(concatBytes(utf8ToBytes(`${name}\n`), new Uint8Array([type]), key)).slice(0, 4);

/** Whether a name may stand in a note. */
export const isKeyName = (name: string): boolean => /^[^\s+\p{C}]+$/u.test(name);

/** Reads a note. Throws `bad-input` for one that is not exactly as the format has it; whom to believe is asked elsewhere. */
export function parseNote(note: string): SignedNote {
  const at = note.lastIndexOf(SPLIT);
  if (at < 0) throw wrong('no empty line stands before its signatures');
  const text = note.slice(0, at + 1);
  const rest = note.slice(at + SPLIT.length);
  if (/[\p{Cc}\p{Cs}]/u.test(text.replaceAll('\n', ''))) throw wrong('its text has control characters');
  return { text, signatures: parseSignatures(rest) };
}

/** Reads the lines below a note, as a witness sends them too. Throws `bad-input`. */
export function parseSignatures(text: string): readonly NoteSignature[] {
  if (!text.endsWith('\n')) throw wrong('its last line does not end');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw wrong(`it has more than ${MOST_SIGNATURES} signatures`);
  return lines.map(signatureOf);
}

function signatureOf(line: string): NoteSignature {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  const bytes = fromBase64(encoded);
  if (dash !== DASH || more.length > 0 || !isKeyName(name) || !bytes || bytes.length < 5)
    throw wrong('a line of it is no signature');
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/** Writes a note. */
export const formatNote = ({ text, signatures }: SignedNote): string => `${text}\n${signatures.map(formatSignature).join('')}`;

/** A line below a note, with its newline. */
export const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `${DASH} ${name} ${toBase64(concatBytes(keyId, signature))}\n`;

/** A key as others are told it: `name+id+base64(type key)` (C2SP signed-note, verifier keys). */
export const verifierKey = (name: string, type: NoteType, key: PublicKey): string =>
  `${name}+${bytesToHex(keyIdOf(name, type, key))}+${toBase64(concatBytes(new Uint8Array([type]), key))}`;

const wrong = (why: string) => new CausewayError('bad-input', `this is no signed note: ${why}`);
