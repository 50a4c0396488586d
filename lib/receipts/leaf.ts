import { canonicalBytes } from './canonical.ts';
import type { Hash } from './hash.ts';
import { MerkleTree } from './merkle.ts';
import type { Evidence, SignedReceipt } from './receipt.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_BYTES = 16;

/** Keccak-256 of 0x00 and the canonical evidence. */
export const leafHashOf = (evidence: Evidence, keccak: Hash): Uint8Array =>
  new MerkleTree(keccak).leafHash(canonicalBytes(evidence));

/** The id that follows from the leaf: a repeat after a crash is the same receipt, and a unique index makes it none. */
export function receiptIdOf(leafHash: Uint8Array): string {
  let bits = 0n;
  for (const byte of leafHash.slice(0, ID_BYTES)) bits = (bits << 8n) | BigInt(byte);
  bits <<= 2n; // 128 bits in 26 letters of five
  let id = '';
  for (let letter = 25n; letter >= 0n; letter -= 1n) id += ALPHABET[Number((bits >> (letter * 5n)) & 31n)];
  return `rcpt_${id}`;
}

/** The evidence inside a receipt: what its leaf is made of. */
export const evidenceOf = ({ schema, cluster_id, observed_at, policy, flow, observation }: SignedReceipt): Evidence => ({
  schema,
  cluster_id,
  observed_at,
  policy,
  ...(flow && { flow }),
  observation,
});
