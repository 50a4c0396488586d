import { sha256 } from '@noble/hashes/sha2.js';

const encoder = new TextEncoder();

/**
 * SHA-256 of a text. The names in it come from workloads that may want two different tuples to look like one: a hash that can be made
 * to collide would let one hide behind the other.
 */
const digestOf = (text: string): Uint8Array => sha256(encoder.encode(text));

/** The first 64 bits as a signed decimal number, as a database's BIGINT takes it. */
export function hash64(text: string): string {
  return new DataView(digestOf(text).buffer).getBigInt64(0).toString();
}

/** The first 128 bits in hexadecimal. */
export function hash128(text: string): string {
  return Array.from(digestOf(text).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
