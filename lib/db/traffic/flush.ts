import 'server-only';
import { createHash } from 'node:crypto';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Gap } from '#lib/flow/flow.ts';
import type { LedgerBatch } from '#lib/ledger/aggregate.ts';
import { FACTS_KEPT } from '#lib/ledger/facts.ts';
import type { Statements, TrafficDb } from './connection.ts';
import { HOUR_MS } from './partitions.ts';
import type { BusPlace, Place } from './state.ts';

/** What one flush writes of a cluster, all of it or nothing. */
export interface Flush {
  readonly cluster: string;
  /** Of the pipeline that writes; see `beginRun`. */
  readonly run: number;
  /** Counts the flushes of a run, from 1. The same one may be written again when nobody knows whether it was. */
  readonly flush: number;
  /** How far the flows were taken that this flush and those before it count. */
  readonly place: Place;
  /** The messages that this flush and those before it count; absent where none came. */
  readonly busPlace?: BusPlace | undefined;
  readonly ledger: LedgerBatch;
  /** Rollup rows by minute, packed. */
  readonly minutes: readonly { readonly bucket: number; readonly body: Buffer }[];
  readonly dropPairs: readonly { readonly key: string; readonly first: number; readonly last: number }[];
  readonly gaps: readonly Gap[];
}

/**
 * Writes a flush in one transaction. It is idempotent: one that was committed although its answer was lost is recognised by its number and not
 * added twice. Throws `conflict` when another ingest has taken over the cluster. Partitions for its buckets must exist.
 */
export function writeFlush(db: TrafficDb, flush: Flush): Promise<void> {
  return db.transaction(async (tx) => {
    if (!(await takeTurn(tx, flush))) return;
    const { cluster, ledger } = flush;
    await writeLabels(tx, cluster, ledger);
    const salt = saltOf(cluster);
    await writeTuples(tx, cluster, ledger, salt);
    await writeCounts(tx, ledger, salt);
    for (const { bucket, body } of flush.minutes) {
      await tx.rows(
        'INSERT INTO rollup_minute (bucket, cluster, run, flush, body) VALUES (to_timestamp($1::float8 / 1000), $2, $3, $4, $5)',
        [bucket, cluster, flush.run, flush.flush, body],
      );
    }
    await writeDropPairs(tx, flush);
    await writeGaps(tx, flush);
    await markDirty(tx, flush);
  });
}

/** Whether this flush is to be written now: false when it was before. */
async function takeTurn(tx: Statements, { cluster, run, flush, place, busPlace }: Flush): Promise<boolean> {
  const taken = await tx.rows(
    `UPDATE ingest_state SET flush = $3, place = $4::jsonb, bus_place = COALESCE($5::jsonb, bus_place)
     WHERE cluster = $1 AND run = $2 AND flush < $3 RETURNING flush`,
    [cluster, run, flush, JSON.stringify(place), busPlace ? JSON.stringify(busPlace) : null],
  );
  if (taken.length > 0) return true;
  const [state] = await tx.rows<{ run: number }>('SELECT run FROM ingest_state WHERE cluster = $1', [cluster]);
  if (state?.run !== run) throw new CausewayError('conflict', `another ingest writes the traffic of ${cluster} now`);
  return false;
}

async function writeLabels(tx: Statements, cluster: string, { labelSets, identities }: LedgerBatch): Promise<void> {
  if (labelSets.length > 0) {
    await tx.rows(
      `INSERT INTO label_set (hash, labels) SELECT hash, labels FROM jsonb_to_recordset($1::jsonb) AS row(hash text, labels jsonb)
       ON CONFLICT (hash) DO NOTHING`,
      [JSON.stringify(labelSets)],
    );
  }
  if (identities.length > 0) {
    await tx.rows(
      `INSERT INTO identity_labels (cluster, identity, label_set, last_seen_ms)
       SELECT $2, identity, "labelSet", extract(epoch FROM now()) * 1000
       FROM jsonb_to_recordset($1::jsonb) AS row(identity bigint, "labelSet" text)
       ON CONFLICT (cluster, identity) DO UPDATE SET label_set = excluded.label_set, last_seen_ms = excluded.last_seen_ms`,
      [JSON.stringify(identities), cluster],
    );
  }
}

async function writeTuples(tx: Statements, cluster: string, { tuples }: LedgerBatch, salt: bigint): Promise<void> {
  if (tuples.length === 0) return;
  const rows = tuples.map((tuple) => ({ ...tuple, id: salted(tuple.id, salt) }));
  await tx.rows(
    `INSERT INTO traffic_tuple (id, cluster, source, destination, direction, protocol, port, l7, verdict, drop_reason, policies, encryption, auth,
       other, nodes, example_uuid, facts, first_seen_ms, last_seen_ms)
     SELECT id, $2, source, destination, direction, protocol, port, NULLIF(l7, 'null'::jsonb), verdict, drop_reason, policies, encryption, auth,
       other, nodes, example_uuid, facts, first_seen_ms, last_seen_ms
     FROM jsonb_to_recordset($1::jsonb) AS row(id bigint, source jsonb, destination jsonb, direction text, protocol text, port int, l7 jsonb,
       verdict text, drop_reason text, policies jsonb, encryption text, auth text, other boolean, nodes jsonb, example_uuid text,
       facts jsonb, first_seen_ms float8, last_seen_ms float8)
     ON CONFLICT (id) DO UPDATE SET
       first_seen_ms = LEAST(traffic_tuple.first_seen_ms, excluded.first_seen_ms),
       last_seen_ms = GREATEST(traffic_tuple.last_seen_ms, excluded.last_seen_ms),
       nodes = CASE WHEN traffic_tuple.nodes @> excluded.nodes THEN traffic_tuple.nodes
         ELSE (SELECT jsonb_agg(DISTINCT node) FROM jsonb_array_elements(traffic_tuple.nodes || excluded.nodes) AS node) END,
       facts = CASE WHEN traffic_tuple.facts @> excluded.facts THEN traffic_tuple.facts ELSE (
         SELECT jsonb_agg(fact ORDER BY fact COLLATE "C") FROM (
           SELECT fact, row_number() OVER (PARTITION BY left(fact, 2) ORDER BY fact COLLATE "C") AS place
           FROM (SELECT DISTINCT jsonb_array_elements_text(traffic_tuple.facts || excluded.facts) AS fact) AS each
         ) AS placed WHERE place <= ($3::jsonb ->> left(fact, 2))::int) END`,
    [JSON.stringify(rows), cluster, JSON.stringify(Object.fromEntries(FACTS_KEPT))],
  );
}

async function writeCounts(tx: Statements, { counts }: LedgerBatch, salt: bigint): Promise<void> {
  if (counts.length === 0) return;
  const rows = counts.map((count) => ({ ...count, tuple: salted(count.tuple, salt) }));
  await tx.rows(
    `INSERT INTO ledger_minute (bucket, tuple, flows, first_seen_ms, last_seen_ms)
     SELECT to_timestamp(bucket / 1000), tuple, flows, first_seen_ms, last_seen_ms
     FROM jsonb_to_recordset($1::jsonb) AS row(bucket float8, tuple bigint, flows bigint, first_seen_ms float8, last_seen_ms float8)
     ON CONFLICT (bucket, tuple) DO UPDATE SET
       flows = ledger_minute.flows + excluded.flows,
       first_seen_ms = LEAST(ledger_minute.first_seen_ms, excluded.first_seen_ms),
       last_seen_ms = GREATEST(ledger_minute.last_seen_ms, excluded.last_seen_ms)`,
    [JSON.stringify(rows)],
  );
}

async function writeDropPairs(tx: Statements, { cluster, dropPairs }: Flush): Promise<void> {
  if (dropPairs.length === 0) return;
  await tx.rows(
    `INSERT INTO drop_pair (cluster, pair, first_seen_ms, last_seen_ms)
     SELECT $2, decode(pair, 'hex'), min(first), max(last) FROM jsonb_to_recordset($1::jsonb) AS row(pair text, first float8, last float8)
     GROUP BY pair
     ON CONFLICT (cluster, pair) DO UPDATE SET
       first_seen_ms = LEAST(drop_pair.first_seen_ms, excluded.first_seen_ms),
       last_seen_ms = GREATEST(drop_pair.last_seen_ms, excluded.last_seen_ms)`,
    [JSON.stringify(dropPairs.map(({ key, first, last }) => ({ pair: pairHash(key), first, last }))), cluster],
  );
}

async function writeGaps(tx: Statements, { cluster, gaps }: Flush): Promise<void> {
  if (gaps.length === 0) return;
  await tx.rows(
    `INSERT INTO traffic_gap (cluster, from_ms, to_ms, reason, node_name)
     SELECT $2, "from", max("to"), reason, "nodeName"
     FROM jsonb_to_recordset($1::jsonb) AS row("from" float8, "to" float8, reason text, "nodeName" text) GROUP BY "from", reason, "nodeName"
     ON CONFLICT (cluster, from_ms, node_name, reason) DO UPDATE SET to_ms = GREATEST(traffic_gap.to_ms, excluded.to_ms)`,
    [JSON.stringify(gaps), cluster],
  );
}

/** Buckets that this flush adds to are to be compacted (again). */
async function markDirty(tx: Statements, { cluster, ledger, minutes }: Flush): Promise<void> {
  const hourOf = (bucket: number): number => bucket - (bucket % HOUR_MS);
  const marks = [
    ...minutes.map(({ bucket }) => ({ kind: 'minute', cluster, bucket })),
    ...[...new Set(minutes.map(({ bucket }) => hourOf(bucket)))].map((bucket) => ({ kind: 'hour', cluster, bucket })),
    ...[...new Set(ledger.counts.map(({ bucket }) => hourOf(bucket)))].map((bucket) => ({
      kind: 'ledger-hour',
      cluster: '',
      bucket,
    })),
  ];
  await tx.rows(
    `INSERT INTO traffic_dirty (kind, cluster, bucket)
     SELECT kind, cluster, to_timestamp(bucket / 1000) FROM jsonb_to_recordset($1::jsonb) AS row(kind text, cluster text, bucket float8)
     ON CONFLICT (kind, cluster, bucket) DO NOTHING`,
    [JSON.stringify(marks)],
  );
}

/** Keys are made of names that others chose, of any length; an index takes only so much. Hexadecimal. */
export const pairHash = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);

/** A tuple's id says nothing of the cluster; in the tables, which all clusters share, it is mixed in. */
export const saltOf = (cluster: string): bigint => createHash('sha256').update(`cluster ${cluster}`).digest().readBigInt64BE();
export const salted = (id: string, salt: bigint): string => BigInt.asIntN(64, BigInt(id) ^ salt).toString();
