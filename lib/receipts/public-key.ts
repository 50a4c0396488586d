import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { fromBase64Url, toBase64Url } from './base64.ts';
import { sha256 } from './hash.ts';

/** An Ed25519 public key: 32 bytes of RFC 8032. */
export type PublicKey = Uint8Array;

/** Verifies Ed25519 over a message. Node and browsers have it; the core is given one. */
export type VerifyEd25519 = (key: PublicKey, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** RFC 7638 thumbprint of the key as a JWK (RFC 8037): its name everywhere. */
export const thumbprint = (key: PublicKey): string =>
  toBase64Url(sha256(utf8ToBytes(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64Url(key)}"}`)));

/** 2^255 - 19, the order of the field: a y coordinate is below it. */
const FIELD = (1n << 255n) - 19n;

/** Points whose order divides eight, as their y coordinates: some verifiers take the trivial signature of any message for one of these. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  FIELD - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

/** Why a key is refused whatever it signs; undefined for a good one. */
export function keyProblem(key: PublicKey): string | undefined {
  if (key.length !== 32) return `a key of Ed25519 has 32 bytes, not ${key.length}`;
  const little = BigInt(`0x${bytesToHex(key.toReversed())}`);
  const y = little & ((1n << 255n) - 1n);
  if (y >= FIELD) return 'the key is not written in its canonical form';
  if (SMALL_ORDER_Y.has(y)) return 'the key is a point of small order: anything would verify under it';
  return undefined;
}

/** A key as a JWK has it in `x`; undefined when it is none. */
export const keyOfJwkX = (x: string): PublicKey | undefined => {
  const key = fromBase64Url(x);
  return key?.length === 32 ? key : undefined;
};
