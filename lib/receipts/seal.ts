import { bytesToHex } from '@noble/hashes/utils.js';
import { canonicalBytes } from './canonical.ts';
import { preAuthEncoding, RECEIPT_TYPE } from './dsse.ts';
import { type Hash, sha256 } from './hash.ts';
import { leafHashOf, receiptIdOf } from './leaf.ts';
import { MerkleTree } from './merkle.ts';
import { type BatchHeader, type Evidence, HEADER_SCHEMA, type KeyEvent, type SignedReceipt } from './receipt.ts';

/** A batch that is closed, before its receipts are signed. */
export interface BatchInput {
  readonly clusterId: string;
  readonly batchId: string;
  /** The batch before; absent for the first of a cluster. */
  readonly previous?: { readonly seq: number; readonly headerHash: string };
  readonly windowStart: string;
  readonly windowEnd: string;
  /** At least one; two of the same content are one leaf and must be given once. */
  readonly evidence: readonly Evidence[];
  readonly completeness: BatchHeader['completeness'];
  readonly policySetHash?: string;
  readonly auditHead?: BatchHeader['audit_head'];
  /** Changes of keys since the batch before; at most 20. */
  readonly keyEvents?: readonly KeyEvent[];
  readonly kid: string;
  readonly witnessIdentity: string;
  /** RFC 3339 with six digits, when the receipts are made. */
  readonly attestationTime: string;
}

export interface SealedBatch {
  readonly header: BatchHeader;
  /** SHA-256 of the canonical header: what the next one names. */
  readonly headerHash: string;
  readonly leafHashes: readonly Uint8Array[];
  /** In the order of their leaves, with what is to be signed. */
  readonly receipts: readonly { readonly signed: SignedReceipt; readonly toSign: Uint8Array }[];
}

const NO_HEADER = '0'.repeat(64);

/** Hash by which the header that follows names this one. */
export const headerHashOf = (header: BatchHeader): string => bytesToHex(sha256(canonicalBytes(header)));

/** Makes a batch's tree, header and receipts; the same input makes the same bytes. Throws a RangeError for a batch of nothing. */
export function sealBatch(batch: BatchInput, keccak: Hash): SealedBatch {
  const { clusterId, batchId, previous, evidence, attestationTime } = batch;
  if (evidence.length === 0) throw new RangeError('a batch of no receipts is never sealed');
  const tree = new MerkleTree(keccak);
  const leafHashes = evidence.map((each) => leafHashOf(each, keccak));
  const merkleRoot = bytesToHex(tree.root(leafHashes));
  const header: BatchHeader = {
    schema: HEADER_SCHEMA,
    cluster_id: clusterId,
    batch_id: batchId,
    seq: previous ? previous.seq + 1 : 0,
    prev_header_hash: previous?.headerHash ?? NO_HEADER,
    window_start: batch.windowStart,
    window_end: batch.windowEnd,
    leaf_count: evidence.length,
    merkle_root: merkleRoot,
    receipt_counts: countsOf(evidence),
    completeness: batch.completeness,
    ...(batch.policySetHash !== undefined && { policy_set_hash: batch.policySetHash }),
    ...(batch.auditHead && { audit_head: batch.auditHead }),
    ...(batch.keyEvents?.length && { key_events: [...batch.keyEvents] }),
    kid: batch.kid,
  };
  const receipts = evidence.map((each, index) => {
    const signed: SignedReceipt = {
      ...each,
      receipt_id: receiptIdOf(leafHashes[index] as Uint8Array),
      timestamp: attestationTime,
      attestation: {
        witness_identity: batch.witnessIdentity,
        attestation_time: attestationTime,
        merkle_root: merkleRoot,
        leaf_index: index,
        tree_size: evidence.length,
        batch_id: batchId,
      },
    };
    return { signed, toSign: preAuthEncoding(RECEIPT_TYPE, canonicalBytes(signed)) };
  });
  return { header, headerHash: headerHashOf(header), leafHashes, receipts };
}

function countsOf(evidence: readonly Evidence[]): BatchHeader['receipt_counts'] {
  const counts: BatchHeader['receipt_counts'] = {};
  for (const { observation } of evidence) counts[observation.class] = (counts[observation.class] ?? 0) + 1;
  return counts;
}
