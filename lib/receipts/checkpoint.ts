import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { CausewayError } from '#lib/errors/errors.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { HASH_BYTES } from './hash.ts';
import type { NoteSignature } from './note.ts';

/** The head of a log (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** `causeway.<org>/<cluster>` */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Text of a checkpoint, as it is signed. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string => `${origin}\n${size}\n${toBase64(root)}\n`;

/** Reads the text of a checkpoint. Throws `bad-input`. Lines beyond the third are taken and mean nothing here. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', ...rest] = text.split('\n');
  const root = fromBase64(rootText);
  if (origin === '') throw wrong('its origin is empty');
  if (!/^(0|[1-9]\d{0,15})$/.test(sizeText) || !Number.isSafeInteger(Number(sizeText))) throw wrong('its size is no number');
  if (root?.length !== HASH_BYTES) throw wrong('its root is no hash of 32 bytes in base64');
  if (rest.at(-1) !== '' || rest.slice(0, -1).includes('')) throw wrong('it has empty lines, or does not end with a newline');
  return { origin, size: Number(sizeText), root };
}

/** What a witness signs (C2SP cosignature/v1): that it saw this head at `time`, Unix seconds. */
export const cosignatureMessage = (time: number, text: string): Uint8Array =>
  utf8ToBytes(`cosignature/v1\ntime ${time}\n${text}`);

/** Time and signature of a cosignature; undefined when its bytes are not those of one. */
export function cosignatureOf({
  signature,
}: NoteSignature): { readonly time: number; readonly signature: Uint8Array } | undefined {
  if (signature.length !== 72) return undefined;
  const time = Number(new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0));
  return Number.isSafeInteger(time) ? { time, signature: signature.slice(8) } : undefined;
}

/** Bytes of a cosignature as a note carries them. */
export function cosignatureBytes(time: number, signature: Uint8Array): Uint8Array {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  return concatBytes(stamp, signature);
}

const wrong = (why: string) => new CausewayError('bad-input', `this is no checkpoint: ${why}`);
