import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { createKeccak } from 'hash-wasm';

/** A hash of 32 bytes. */
export type Hash = (data: Uint8Array) => Uint8Array;

export const HASH_BYTES = 32;

/** FIPS 180-4: the log of batches, whose format other tools read. */
export const sha256: Hash = (data) => nobleSha256(data);

/** A hash as people compare it: lower-case hexadecimal. */
export const hexOf = (hash: Uint8Array): string => bytesToHex(hash);

/** SHA-256 of a text in UTF-8, in hexadecimal: what two people compare to see that they hold the same file. */
export const sha256Hex = (text: string): string => hexOf(sha256(utf8ToBytes(text)));

let keccak: Promise<Hash> | undefined;

/** Keccak-256 with the original padding, as Ethereum has it; it is not SHA3-256. Its module is compiled once. */
export function keccak256(): Promise<Hash> {
  keccak ??= createKeccak(256).then((hasher) => (data) => hasher.init().update(data).digest('binary'));
  return keccak;
}

/** The same without WebAssembly, which a page’s security policy may forbid: some ten times slower. */
export const plainKeccak256: Hash = (data) => keccak_256(data);

/** Whether two hashes are the same bytes. Both are public: nothing is won by timing it. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
