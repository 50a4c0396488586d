import 'server-only';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { logInclusion } from '#lib/receipts/log-nodes.ts';
import { MerkleTree } from '#lib/receipts/merkle.ts';
import type { BatchHeader, Receipt, SignedReceipt } from '#lib/receipts/receipt.ts';
import type { Statements } from '../traffic/connection.ts';
import { nodesOf, readHeadOver, type StoredHead } from './read-log.ts';

/** A receipt with as much proof as there is now. */
export interface StoredReceipt {
  readonly cluster: string;
  readonly receipt: Receipt;
  /** The head it is proved to; absent while its batch is in none. */
  readonly head: StoredHead | undefined;
}

/** The receipt with this id, proved to a signed head where there is one; see `readHeadOver` for which. */
export async function readReceipt(db: Statements, id: string, enough: number): Promise<StoredReceipt | undefined> {
  const [row] = await db.rows<ReceiptRow>(
    `SELECT r.cluster, r.seq, r.leaf, r.body, r.sig, b.header, b.leaves
     FROM receipt r JOIN receipt_batch b ON b.cluster = r.cluster AND b.seq = r.seq WHERE r.id = $1`,
    [id],
  );
  if (!row) return undefined;
  const { cluster, seq, leaf, body, sig } = row;
  const header = JSON.parse(row.header) as BatchHeader;
  const head = await readHeadOver(db, cluster, seq, enough);
  const leaves = leavesOf(row.leaves);
  const proof: Receipt['proof'] = {
    batch_path: new MerkleTree(await keccak256()).inclusionProof(leaves, leaf).map(toBase64Url),
    header,
    ...(head && {
      log: { index: seq, size: head.size, path: (await logInclusion(seq, head.size, nodesOf(db, cluster))).map(toBase64Url) },
      checkpoint: head.note,
    }),
  };
  const signed = JSON.parse(body) as SignedReceipt;
  return { cluster, receipt: { ...signed, signature: { alg: 'Ed25519', kid: header.kid, sig }, proof }, head };
}

interface ReceiptRow {
  readonly cluster: string;
  readonly seq: number;
  readonly leaf: number;
  readonly body: string;
  readonly sig: string;
  readonly header: string;
  readonly leaves: Uint8Array;
}

const LEAF_BYTES = 32;

/** Hashes of a batch's leaves, stored one after the other. */
const leavesOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / LEAF_BYTES }, (_, at) =>
    Uint8Array.from(bytes.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES)),
  );
