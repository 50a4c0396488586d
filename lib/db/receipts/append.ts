import 'server-only';
import { canonicalBytes } from '#lib/receipts/canonical.ts';
import { entryHash, nodesCompletedBy } from '#lib/receipts/log-nodes.ts';
import type { BatchHeader, KeyEvent, SignedReceipt } from '#lib/receipts/receipt.ts';
import { headerHashOf, type SealedBatch } from '#lib/receipts/seal.ts';
import type { Statements, TrafficDb } from '../traffic/connection.ts';
import { noteKeyEventsLogged, pendingKeyEvents, readIntroductions } from './keys.ts';
import { nodesOf } from './read-log.ts';
import { searchColumns } from './search-columns.ts';

/** Where a cluster's log ends, and what the next batch has to say beside its receipts. */
export interface LogEnd {
  /** Sequence of the next batch, which is the size of the log. */
  readonly seq: number;
  /** Of the last batch's header; 64 zeros before the first. */
  readonly headerHash: string;
  /** Head of the audit log; absent while that is empty. */
  readonly auditHead: BatchHeader['audit_head'];
  /** Changes of keys that this log has not told of yet, in their order: the header carries all of them, or the first ones. */
  readonly keyEvents: readonly KeyEvent[];
  /** Flows before this time are in aggregates: Unix milliseconds. */
  readonly aggregatedUntil: number;
  /** Whether an entry of this log has introduced the key; `keyEvents` are not in one yet. */
  isIntroduced(kid: string): Promise<boolean>;
}

/** A batch to be added: sealed at the end of the log that it was asked for, and signed. */
export interface NewBatch {
  readonly sealed: SealedBatch;
  /** Of each receipt, base64url, in the order of the leaves. */
  readonly signatures: readonly string[];
  /** What each receipt is about (`receipt.about`); its id where absent. */
  readonly about?: readonly string[];
  /** Flows before this time are in aggregates from now on: Unix milliseconds. */
  readonly aggregatedUntil?: number;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** Some of it has a receipt already: nothing was written. Leave those out and try again. */
export interface AlreadyThere {
  readonly there: ReadonlySet<string>;
}

export interface Appended {
  readonly seq: number;
  readonly header: BatchHeader;
  readonly headerHash: string;
}

/**
 * Adds a batch to a cluster's log: header, receipts, nodes of the tree and the changes of keys it tells of, all in one transaction, or nothing. The end
 * of the log is locked meanwhile, so that there is one history however many write; `build` gets it, must not take long, and gives nothing to write
 * nothing. Throws what `build` throws, and a RangeError for a batch that does not follow the end.
 */
export function appendBatch(
  db: TrafficDb,
  cluster: string,
  build: (end: LogEnd) => NewBatch | undefined | Promise<NewBatch | undefined>,
): Promise<Appended | AlreadyThere | undefined> {
  return db.transaction(async (tx) => {
    const { seq, header_hash, until } = await lockEnd(tx, cluster);
    const pending = await pendingKeyEvents(tx, cluster);
    const auditHead = await auditHeadOf(tx);
    const batch = await build({
      seq,
      headerHash: header_hash,
      auditHead,
      keyEvents: pending.map(({ event }) => event),
      aggregatedUntil: until,
      isIntroduced: async (kid) => (await readIntroductions(tx, cluster)).has(kid),
    });
    if (!batch) return undefined;
    const { header } = batch.sealed;
    if (header.cluster_id !== cluster || header.seq !== seq || header.prev_header_hash !== header_hash)
      throw new RangeError(`batch ${header.seq} does not follow the end of the log of ${cluster}`);
    const about = batch.about ?? batch.sealed.receipts.map(({ signed }) => signed.receipt_id);
    const there = await repeatedIn(tx, batch, about);
    if (there.size > 0) return { there };
    await writeBatch(tx, batch);
    await writeReceipts(tx, batch, about);
    await writeNodes(tx, cluster, header);
    const told = pending.slice(0, header.key_events?.length ?? 0).map(({ id }) => id);
    if (told.length > 0) await noteKeyEventsLogged(tx, cluster, seq, told);
    const headerHash = headerHashOf(header);
    await tx.rows(
      `UPDATE receipt_log SET next_seq = $2, header_hash = $3, aggregated_until_ms = GREATEST(aggregated_until_ms, $4) WHERE cluster = $1`,
      [cluster, seq + 1, headerHash, batch.aggregatedUntil ?? 0],
    );
    return { seq, header, headerHash };
  });
}

/** Which of these have a receipt in the cluster's log. */
export async function receiptsThere(db: Statements, cluster: string, about: readonly string[]): Promise<Set<string>> {
  const rows = await db.rows<{ about: string }>('SELECT about FROM receipt WHERE cluster = $1 AND about = ANY($2::text[])', [
    cluster,
    about,
  ]);
  return new Set(rows.map((row) => row.about));
}

/** Receipts of what has one: their ids, in the order asked for; undefined for what has none. */
export async function receiptIdsOf(db: Statements, cluster: string, about: readonly string[]): Promise<(string | undefined)[]> {
  const rows = await db.rows<{ about: string; id: string }>(
    'SELECT about, id FROM receipt WHERE cluster = $1 AND about = ANY($2::text[])',
    [cluster, about],
  );
  const ids = new Map(rows.map((row) => [row.about, row.id]));
  return about.map((each) => ids.get(each));
}

/** Unix milliseconds: flows before it are in aggregates; 0 before the first. */
export async function readAggregatedUntil(db: Statements, cluster: string): Promise<number> {
  const [row] = await db.rows<{ until: number }>('SELECT aggregated_until_ms AS until FROM receipt_log WHERE cluster = $1', [
    cluster,
  ]);
  return row?.until ?? 0;
}

/** What of a batch has a receipt: by what it is about, or because the same evidence has one. */
async function repeatedIn(tx: Statements, { sealed }: NewBatch, about: readonly string[]): Promise<Set<string>> {
  const ids = sealed.receipts.map(({ signed }) => signed.receipt_id);
  const there = await receiptsThere(tx, sealed.header.cluster_id, about);
  const same = await tx.rows<{ id: string }>('SELECT id FROM receipt WHERE id = ANY($1::text[])', [ids]);
  for (const { id } of same) there.add(about[ids.indexOf(id)] as string);
  return there;
}

interface End {
  readonly seq: number;
  readonly header_hash: string;
  readonly until: number;
}

async function lockEnd(tx: Statements, cluster: string): Promise<End> {
  await tx.rows('INSERT INTO receipt_log (cluster) VALUES ($1) ON CONFLICT (cluster) DO NOTHING', [cluster]);
  const [end] = await tx.rows<End>(
    'SELECT next_seq AS seq, header_hash, aggregated_until_ms AS until FROM receipt_log WHERE cluster = $1 FOR UPDATE',
    [cluster],
  );
  if (!end) throw new Error(`the log of ${cluster} has no end`);
  return end;
}

async function auditHeadOf(tx: Statements): Promise<BatchHeader['audit_head']> {
  const [head] = await tx.rows<{ seq: string; hash: string }>('SELECT seq::text, hash FROM audit_head WHERE id = 1 AND seq > 0');
  return head && { seq: head.seq, hash: head.hash };
}

async function writeBatch(tx: Statements, { sealed, windowStart, windowEnd }: NewBatch): Promise<void> {
  const { header, headerHash, leafHashes } = sealed;
  await tx.rows(
    `INSERT INTO receipt_batch (cluster, seq, batch_id, header, header_hash, leaf_count, leaves, window_start_ms, window_end_ms, sealed_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, extract(epoch FROM clock_timestamp()) * 1000)`,
    [
      header.cluster_id,
      header.seq,
      header.batch_id,
      textOf(header),
      headerHash,
      header.leaf_count,
      Buffer.concat(leafHashes),
      windowStart,
      windowEnd,
    ],
  );
}

async function writeReceipts(tx: Statements, { sealed, signatures }: NewBatch, about: readonly string[]): Promise<void> {
  const { header, receipts } = sealed;
  if (signatures.length !== receipts.length || about.length !== receipts.length)
    throw new RangeError(`${receipts.length} receipts with ${signatures.length} signatures`);
  const rows = receipts.map(({ signed }, leaf) => ({
    id: signed.receipt_id,
    leaf,
    about: about[leaf],
    body: textOf(signed),
    sig: signatures[leaf],
    ...searchColumns(signed),
  }));
  await tx.rows(
    `INSERT INTO receipt (id, cluster, seq, leaf, about, body, sig, class, verdict, observed_at_ms, flow_uuid, source, destination, port, protocol,
       reason, policies, rule, search)
     SELECT id, $2, $3, leaf, about, body, sig, class, verdict, observed_at_ms, flow_uuid, source, destination, port, protocol,
       reason, policies, rule, search
     FROM jsonb_to_recordset($1::jsonb) AS row(id text, leaf int, about text, body text, sig text, class text, verdict text, observed_at_ms float8,
       flow_uuid text, source text, destination text, port int, protocol text, reason text, policies text[], rule text, search text)`,
    [JSON.stringify(rows), header.cluster_id, header.seq],
  );
}

async function writeNodes(tx: Statements, cluster: string, header: BatchHeader): Promise<void> {
  const nodes = await nodesCompletedBy(header.seq, entryHash(canonicalBytes(header)), nodesOf(tx, cluster));
  await tx.rows(
    `INSERT INTO log_node (cluster, level, "index", hash)
     SELECT $1, level, "index", decode(hash, 'hex') FROM jsonb_to_recordset($2::jsonb) AS row(level int, "index" int, hash text)`,
    [cluster, JSON.stringify(nodes.map(({ level, index, hash }) => ({ level, index, hash: Buffer.from(hash).toString('hex') })))],
  );
}

const decoder = new TextDecoder();
const textOf = (value: BatchHeader | SignedReceipt): string => decoder.decode(canonicalBytes(value));
