import { bytesToHex } from '@noble/hashes/utils.js';
import { withStatements } from '#lib/db/client.ts';
import { toBase64Url } from '#lib/receipts/base64.ts';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { keccak256 } from '#lib/receipts/hash.ts';
import { entryHash, logRoot, nodesCompletedBy } from '#lib/receipts/log-nodes.ts';
import { parseNote } from '#lib/receipts/note.ts';
import type { BatchHeader, Evidence, SignedReceipt } from '#lib/receipts/receipt.ts';
import { sealBatch } from '#lib/receipts/seal.ts';
import { nodesOf } from '#lib/db/receipts/read-log.ts';
import { CLUSTER, TestNotary } from './receipts.ts';

const FULL: BatchHeader['completeness'] = {
  nodes_expected: 4,
  nodes_connected: 4,
  lost_events: [],
  stream_gaps: [],
  clock_skew_ms_max: 4,
};

/** A log of `CLUSTER` in the database of this process, written row by row: what reads it is tested apart from what writes it in earnest. */
export class StoredLog {
  readonly notary = new TestNotary();
  #previous: { readonly seq: number; readonly headerHash: string } | undefined;

  /** Seals a batch and gives its receipts. */
  async append(evidence: readonly Evidence[], completeness: BatchHeader['completeness'] = FULL): Promise<SignedReceipt[]> {
    const { receiptKey } = this.notary;
    const [first] = evidence;
    const at = first?.observed_at ?? '2026-03-02T14:02:41.204113Z';
    const { header, headerHash, leafHashes, receipts } = sealBatch(
      {
        clusterId: CLUSTER,
        batchId: `b${(this.#previous?.seq ?? -1) + 1}`,
        ...(this.#previous && { previous: this.#previous }),
        windowStart: at,
        windowEnd: at,
        evidence,
        completeness,
        kid: receiptKey.kid,
        witnessIdentity: 'causeway.aegis',
        attestationTime: at,
      },
      await keccak256(),
    );
    await insert('receipt_batch', {
      cluster: CLUSTER,
      seq: header.seq,
      batch_id: header.batch_id,
      header: textOf(canonicalBytes(header)),
      header_hash: headerHash,
      leaf_count: leafHashes.length,
      leaves: bytea(Buffer.concat(leafHashes)),
      window_start_ms: Date.parse(at),
      window_end_ms: Date.parse(at),
      sealed_at_ms: Date.parse(at),
    });
    for (const [leaf, { signed, toSign }] of receipts.entries())
      await insert('receipt', rowOf(header.seq, leaf, signed, toBase64Url(receiptKey.sign(toSign))));
    const nodes = await withStatements((db) =>
      nodesCompletedBy(header.seq, entryHash(canonicalBytes(header)), nodesOf(db, CLUSTER)),
    );
    for (const { level, index, hash } of nodes) await insert('log_node', { cluster: CLUSTER, level, index, hash: bytea(hash) });
    this.#previous = { seq: header.seq, headerHash };
    return receipts.map(({ signed }) => signed);
  }

  /** Signs the head as the log is now; `seenAt`: when a witness saw it, Unix seconds. */
  async sign({ seenAt }: { readonly seenAt?: number } = {}): Promise<void> {
    const size = (this.#previous?.seq ?? -1) + 1;
    const root = await withStatements((db) => logRoot(size, nodesOf(db, CLUSTER)));
    const { checkpointKey } = this.notary;
    const bare = this.notary.checkpoint(size, root, false);
    await insert('checkpoint', {
      cluster: CLUSTER,
      size,
      root: bytesToHex(root),
      note: bare,
      kid: checkpointKey.kid,
      at_ms: Date.now(),
    });
    if (seenAt === undefined) return;
    const { length } = parseNote(bare).text;
    const [, cosignature] = this.notary
      .checkpoint(size, root, true, seenAt)
      .slice(length + 1)
      .split('\n');
    await insert('cosignature', {
      cluster: CLUSTER,
      size,
      witness: 'security-witness',
      line: cosignature,
      at_ms: seenAt * 1000,
    });
  }
}

function rowOf(seq: number, leaf: number, signed: SignedReceipt, sig: string): Record<string, unknown> {
  const { flow, policy, observation } = signed;
  const named = (peer: { namespace?: string | undefined; workload?: string | undefined } | undefined) =>
    [peer?.namespace, peer?.workload].filter(Boolean).join('/');
  const names = {
    source: named(flow?.source),
    destination: named(flow?.destination),
    reason: flow?.drop_reason ?? '',
    policies: policy.map(({ ref }) => ref),
  };
  return {
    id: signed.receipt_id,
    cluster: signed.cluster_id,
    seq,
    leaf,
    about: signed.receipt_id,
    body: textOf(canonicalBytes(signed)),
    sig,
    class: observation.class,
    verdict: flow?.verdict ?? '',
    observed_at_ms: Date.parse(signed.observed_at),
    flow_uuid: flow?.uuid ?? '',
    ...names,
    port: flow?.port ?? 0,
    protocol: flow?.protocol ?? '',
    search: Object.values(names).flat().join(' ').toLowerCase(),
  };
}

/** Columns as they are called; values as parameters, bytes as hexadecimal text. */
function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<unknown> {
  const names = Object.keys(row);
  const marks = names.map((name, at) => (row[name] instanceof Bytes ? `decode($${at + 1}, 'hex')` : `$${at + 1}`));
  const values = names.map((name) => (row[name] instanceof Bytes ? row[name].hex : row[name]));
  return withStatements((db) =>
    db.rows(`INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${marks.join(', ')})`, values),
  );
}

class Bytes {
  readonly hex: string;
  constructor(bytes: Uint8Array) {
    this.hex = bytesToHex(bytes);
  }
}
const bytea = (bytes: Uint8Array) => new Bytes(Uint8Array.from(bytes));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
