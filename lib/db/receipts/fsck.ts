import 'server-only';
import type { Statements } from '../traffic/connection.ts';
import type { SearchColumns } from './search-columns.ts';

/** A batch as it is stored, before anything of it is believed. */
export interface BatchRow {
  readonly cluster: string;
  readonly seq: number;
  readonly batch_id: string;
  readonly header: string;
  readonly header_hash: string;
  readonly leaf_count: number;
  readonly leaves: Uint8Array;
  readonly window_start_ms: number;
  readonly window_end_ms: number;
}

/** A receipt as it is stored. */
export interface ReceiptRow extends SearchColumns {
  readonly id: string;
  readonly cluster: string;
  readonly seq: number;
  readonly leaf: number;
  readonly body: string;
  readonly sig: string;
}

export interface NodeRow {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

export interface HeadRow {
  readonly size: number;
  readonly root: string;
  readonly note: string;
  readonly kid: string;
}

export interface CosignatureRow {
  readonly size: number;
  readonly witness: string;
  readonly line: string;
  readonly at_ms: number;
}

/** How far a cluster's log reaches, read in one statement: `stored` is absent where the log has no end written down. */
export interface LogExtent {
  readonly stored: { readonly next_seq: number; readonly header_hash: string } | undefined;
  /** Sequence of the last batch there is, whatever is written down; -1 where there is none. */
  readonly last: number;
  readonly batches: number;
  readonly receipts: number;
}

/** Every cluster that any of the tables speaks of, by name. */
export async function fsckClusters(db: Statements): Promise<string[]> {
  const rows = await db.rows<{ cluster: string }>(
    `SELECT cluster FROM receipt_log UNION SELECT cluster FROM checkpoint UNION SELECT cluster FROM cosignature
     UNION (${distinct('receipt_batch')}) UNION (${distinct('receipt')}) UNION (${distinct('log_node')}) ORDER BY 1`,
  );
  return rows.map(({ cluster }) => cluster);
}

/** The clusters of a large table, each by one look into its index. */
const distinct = (table: string): string => `
  WITH RECURSIVE each AS ((SELECT min(cluster) AS cluster FROM ${table})
    UNION ALL SELECT (SELECT min(t.cluster) FROM ${table} t WHERE t.cluster > each.cluster) FROM each WHERE each.cluster IS NOT NULL)
  SELECT cluster FROM each WHERE cluster IS NOT NULL`;

export async function logExtent(db: Statements, cluster: string): Promise<LogExtent> {
  const [row] = await db.rows<{
    next_seq: number | null;
    header_hash: string | null;
    last: number;
    batches: number;
    receipts: number;
  }>(
    `SELECT l.next_seq, l.header_hash, coalesce((SELECT max(seq) FROM receipt_batch WHERE cluster = $1), -1)::int AS last,
       (SELECT count(*) FROM receipt_batch WHERE cluster = $1)::float8 AS batches,
       (SELECT coalesce(sum(leaf_count), 0) FROM receipt_batch WHERE cluster = $1)::float8 AS receipts
     FROM (SELECT 1) one LEFT JOIN receipt_log l ON l.cluster = $1`,
    [cluster],
  );
  const { next_seq = null, header_hash = null, last = -1, batches = 0, receipts = 0 } = row ?? {};
  return {
    stored: next_seq === null || header_hash === null ? undefined : { next_seq, header_hash },
    last,
    batches,
    receipts,
  };
}

/** Rows of one step. */
const BATCHES = 200;

/** Batches in the order of their sequence, from any sequence up to `last`; read in steps, so that a log of any length is never held whole. */
export async function* batchRows(db: Statements, cluster: string, last: number): AsyncGenerator<BatchRow> {
  for (let after = -2_147_483_648; ;) {
    const rows = await db.rows<BatchRow>(
      `SELECT cluster, seq, batch_id, header, header_hash, leaf_count, leaves, window_start_ms, window_end_ms
       FROM receipt_batch WHERE cluster = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT ${BATCHES}`,
      [cluster, after, last],
    );
    yield* rows;
    const end = rows.at(-1);
    if (!end || rows.length < BATCHES) return;
    after = end.seq;
  }
}

/** Receipts of the batches `from` to `to`, both included, by batch and leaf. */
export const receiptRows = (db: Statements, cluster: string, from: number, to: number): Promise<ReceiptRow[]> =>
  db.rows<ReceiptRow>(
    `SELECT id, cluster, seq, leaf, body, sig, class, verdict, observed_at_ms, flow_uuid, source, destination, port, protocol, reason, policies,
       rule, search
     FROM receipt WHERE cluster = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq, leaf`,
    [cluster, from, to],
  );

/** Nodes that a log completes while it grows from `from` entries to `to`. */
export const nodeRows = (db: Statements, cluster: string, from: number, to: number): Promise<NodeRow[]> =>
  db.rows<NodeRow>(
    `SELECT n.level, n."index", n.hash FROM generate_series(0, 31) AS at(level)
       JOIN log_node n ON n.cluster = $1 AND n.level = at.level
         AND n."index" >= ($2::bigint >> at.level) AND n."index" < ($3::bigint >> at.level)`,
    [cluster, from, to],
  );

/** Heads of more than `from` entries and at most `to`, by size. */
export const headRows = (db: Statements, cluster: string, from: number, to: number): Promise<HeadRow[]> =>
  db.rows<HeadRow>('SELECT size, root, note, kid FROM checkpoint WHERE cluster = $1 AND size > $2 AND size <= $3 ORDER BY size', [
    cluster,
    from,
    to,
  ]);

export const cosignatureRows = (db: Statements, cluster: string, from: number, to: number): Promise<CosignatureRow[]> =>
  db.rows<CosignatureRow>(
    'SELECT size, witness, line, at_ms FROM cosignature WHERE cluster = $1 AND size > $2 AND size <= $3 ORDER BY size, witness',
    [cluster, from, to],
  );

/** What stands outside of a log of the size that is written down in the same moment, at most `limit` rows of each table. */
export interface Beyond {
  readonly nodes: readonly Omit<NodeRow, 'hash'>[];
  readonly heads: readonly number[];
  readonly cosignatures: readonly { readonly size: number; readonly witness: string }[];
  /** Receipts whose batch is not there. */
  readonly receipts: readonly { readonly id: string; readonly seq: number }[];
}

/** `size` is that of the log as it was read; where more was written down since, that counts. */
export async function rowsBeyond(db: Statements, cluster: string, size: number, limit: number): Promise<Beyond> {
  const end = `greatest($2::bigint, coalesce((SELECT next_seq FROM receipt_log WHERE cluster = $1), 0))`;
  const values = [cluster, size];
  const nodes = await db.rows<Omit<NodeRow, 'hash'>>(
    `SELECT level, "index" FROM log_node WHERE cluster = $1
       AND CASE WHEN level NOT BETWEEN 0 AND 31 OR "index" < 0 THEN true ELSE ("index"::bigint + 1) << level > ${end} END
     ORDER BY level, "index" LIMIT ${limit}`,
    values,
  );
  const heads = await db.rows<{ size: number }>(
    `SELECT size FROM checkpoint WHERE cluster = $1 AND (size <= 0 OR size > ${end}) ORDER BY size LIMIT ${limit}`,
    values,
  );
  const cosignatures = await db.rows<{ size: number; witness: string }>(
    `SELECT size, witness FROM cosignature WHERE cluster = $1 AND (size <= 0 OR size > ${end}) ORDER BY size, witness LIMIT ${limit}`,
    values,
  );
  const receipts = await db.rows<{ id: string; seq: number }>(
    `SELECT r.id, r.seq FROM receipt r LEFT JOIN receipt_batch b ON b.cluster = r.cluster AND b.seq = r.seq
     WHERE r.cluster = $1 AND b.seq IS NULL ORDER BY r.seq, r.leaf LIMIT ${limit}`,
    [cluster],
  );
  return { nodes, heads: heads.map((row) => row.size), cosignatures, receipts };
}

/** Hash of each of these rows of the audit log, by its number; nothing of those that are not there. */
export async function auditHashes(db: Statements, seqs: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.rows<{ seq: string; hash: string }>(
    'SELECT seq::text, hash FROM audit_event WHERE seq = ANY($1::bigint[])',
    [seqs],
  );
  return new Map(rows.map(({ seq, hash }) => [seq, hash]));
}

/** What is written down of keys beside the logs; few rows. */
export interface KeyRows {
  readonly keys: readonly { readonly kid: string; readonly role: string; readonly x: string }[];
  readonly events: readonly {
    readonly id: number;
    readonly kid: string;
    readonly event: string;
    readonly at_ms: number;
    readonly body: string;
  }[];
  readonly entries: readonly {
    readonly cluster: string;
    readonly event_id: number;
    readonly seq: number;
    readonly carried: boolean;
  }[];
  readonly organisation: string;
  readonly witnesses: readonly { readonly name: string; readonly x: string }[];
}

export async function readKeyRows(db: Statements): Promise<KeyRows> {
  const [keys, events, entries, settings] = [
    await db.rows<KeyRows['keys'][number]>('SELECT kid, role, x FROM signing_key ORDER BY kid'),
    await db.rows<KeyRows['events'][number]>('SELECT id, kid, event, at_ms, body FROM key_event ORDER BY id'),
    await db.rows<KeyRows['entries'][number]>(
      'SELECT cluster, event_id, seq, carried FROM key_event_entry ORDER BY cluster, event_id',
    ),
    await db.rows<Pick<KeyRows, 'organisation' | 'witnesses'>>('SELECT organisation, witnesses FROM trust_setting WHERE id = 1'),
  ];
  const { organisation = '', witnesses = [] } = settings[0] ?? {};
  return { keys, events, entries, organisation, witnesses };
}
