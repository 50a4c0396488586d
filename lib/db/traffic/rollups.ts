import 'server-only';
import type { Gap } from '#lib/flow/flow.ts';
import { RollupSum } from '#lib/ledger/rollup-sum.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import type { Statements, TrafficDb } from './connection.ts';
import { pairHash } from './flush.ts';
import { pack, unpack } from './packed.ts';
import { HOUR_MS, MINUTE_MS } from './partitions.ts';

/** Rollups of the minutes that start in `from..to` (Unix milliseconds, `to` not included); a minute may come in several parts. Oldest first. */
export async function readMinutes(db: Statements, cluster: string, from: number, to: number): Promise<Rollup[]> {
  const rows = await db.rows<{ body: Buffer }>(
    `SELECT body FROM rollup_minute WHERE cluster = $1 AND bucket >= to_timestamp($2::float8 / 1000) AND bucket < to_timestamp($3::float8 / 1000)
     ORDER BY bucket`,
    [cluster, from, to],
  );
  return unpackAll(rows);
}

/** Rollups of the hours that start in `from..to` and were compacted whole. */
export async function readHours(db: Statements, cluster: string, from: number, to: number): Promise<Rollup[]> {
  const rows = await db.rows<{ body: Buffer }>(
    `SELECT body FROM rollup_hour h WHERE cluster = $1 AND bucket >= to_timestamp($2::float8 / 1000) AND bucket < to_timestamp($3::float8 / 1000)
       AND NOT EXISTS (SELECT FROM traffic_dirty d WHERE d.kind = 'hour' AND d.cluster = h.cluster AND d.bucket = h.bucket)
     ORDER BY bucket`,
    [cluster, from, to],
  );
  return unpackAll(rows);
}

/** Start of the oldest minute or hour that is stored; undefined when nothing is. */
export async function oldestRollup(db: Statements, cluster: string): Promise<number | undefined> {
  const [row] = await db.rows<{ oldest: number | null }>(
    `SELECT extract(epoch FROM LEAST((SELECT min(bucket) FROM rollup_minute WHERE cluster = $1),
       (SELECT min(bucket) FROM rollup_hour WHERE cluster = $1)))::float8 * 1000 AS oldest`,
    [cluster],
  );
  return row?.oldest ?? undefined;
}

/** Which of these drop keys were seen before `time`, as far back as is remembered (30 days). */
export async function dropsSeenBefore(
  db: Statements,
  cluster: string,
  keys: readonly string[],
  time: number,
): Promise<Set<string>> {
  const byHash = new Map(keys.map((key) => [pairHash(key), key]));
  const rows = await db.rows<{ pair: string }>(
    `SELECT encode(pair, 'hex') AS pair FROM drop_pair WHERE cluster = $1 AND first_seen_ms < $2
       AND pair IN (SELECT decode(hash, 'hex') FROM jsonb_array_elements_text($3::jsonb) AS hash)`,
    [cluster, time, JSON.stringify([...byHash.keys()])],
  );
  return new Set(rows.flatMap(({ pair }) => byHash.get(pair) ?? []));
}

/** Gaps that touch a window. */
export function readGaps(db: Statements, cluster: string, from: number, to: number): Promise<Gap[]> {
  return db.rows<Gap>(
    `SELECT from_ms AS "from", to_ms AS "to", reason, node_name AS "nodeName" FROM traffic_gap
     WHERE cluster = $1 AND to_ms >= $2 AND from_ms <= $3 ORDER BY from_ms LIMIT 1000`,
    [cluster, from, to],
  );
}

const SETTLE_MS = 2 * MINUTE_MS;
const HOUR_SETTLE_MS = 5 * MINUTE_MS;
/** Buckets done in one go: the rest waits for the next, so that a backlog does not hold up what is due daily. */
const MOST_AT_ONCE = 500;

/** Merges the parts of minutes that are over, and sums minutes up to hours. Exact however often it runs or is interrupted. Returns how many buckets. */
export async function compactRollups(db: TrafficDb, now: number): Promise<number> {
  const minutes = await due(db, 'minute', now - MINUTE_MS - SETTLE_MS);
  for (const { cluster, bucket } of minutes) await mergeParts(db, cluster, bucket);
  const hours = await due(db, 'hour', now - HOUR_MS - HOUR_SETTLE_MS);
  for (const { cluster, bucket } of hours) await sumHour(db, cluster, bucket);
  return minutes.length + hours.length;
}

function due(db: TrafficDb, kind: string, before: number): Promise<{ cluster: string; bucket: number }[]> {
  return db.rows(
    `SELECT cluster, extract(epoch FROM bucket)::float8 * 1000 AS bucket FROM traffic_dirty
     WHERE kind = $1 AND bucket <= to_timestamp($2::float8 / 1000) ORDER BY bucket LIMIT ${MOST_AT_ONCE}`,
    [kind, before],
  );
}

/** Reads, merges and writes in one transaction; nobody else touches these parts but another compaction, which waits for the mark. */
function mergeParts(db: TrafficDb, cluster: string, bucket: number): Promise<void> {
  return db.transaction(async (tx) => {
    await unmark(tx, 'minute', cluster, bucket);
    const parts = await tx.rows<{ run: number; flush: number; body: Buffer }>(
      'SELECT run, flush, body FROM rollup_minute WHERE cluster = $1 AND bucket = to_timestamp($2::float8 / 1000) ORDER BY run, flush',
      [cluster, bucket],
    );
    const last = parts.at(-1);
    if (!last || parts.length === 1) return;
    const body = await pack(await summed(parts, bucket));
    for (const { run, flush } of parts.slice(0, -1)) {
      await tx.rows(
        'DELETE FROM rollup_minute WHERE cluster = $1 AND bucket = to_timestamp($2::float8 / 1000) AND run = $3 AND flush = $4',
        [cluster, bucket, run, flush],
      );
    }
    await tx.rows(
      'UPDATE rollup_minute SET body = $5 WHERE cluster = $1 AND bucket = to_timestamp($2::float8 / 1000) AND run = $3 AND flush = $4',
      [cluster, bucket, last.run, last.flush, body],
    );
  });
}

async function sumHour(db: TrafficDb, cluster: string, bucket: number): Promise<void> {
  await db.transaction(async (tx) => {
    await unmark(tx, 'hour', cluster, bucket);
    const parts = await tx.rows<{ body: Buffer }>(
      `SELECT body FROM rollup_minute WHERE cluster = $1 AND bucket >= to_timestamp($2::float8 / 1000) AND bucket < to_timestamp($3::float8 / 1000)`,
      [cluster, bucket, bucket + HOUR_MS],
    );
    if (parts.length === 0) return; // its minutes are gone: what the hour has stays
    await tx.rows(
      `INSERT INTO rollup_hour (bucket, cluster, body) VALUES (to_timestamp($2::float8 / 1000), $1, $3)
       ON CONFLICT (bucket, cluster) DO UPDATE SET body = excluded.body`,
      [cluster, bucket, await pack(await summed(parts, bucket))],
    );
  });
}

const unmark = (tx: Statements, kind: string, cluster: string, bucket: number): Promise<object[]> =>
  tx.rows('DELETE FROM traffic_dirty WHERE kind = $1 AND cluster = $2 AND bucket = to_timestamp($3::float8 / 1000)', [
    kind,
    cluster,
    bucket,
  ]);

async function summed(parts: readonly { readonly body: Buffer }[], bucket: number): Promise<Rollup> {
  const sum = new RollupSum();
  for (const { body } of parts) sum.add(await unpack<Rollup>(body));
  return sum.toRollup(bucket);
}

async function unpackAll(rows: readonly { readonly body: Buffer }[]): Promise<Rollup[]> {
  const rollups: Rollup[] = [];
  for (const { body } of rows) rollups.push(await unpack<Rollup>(body));
  return rollups;
}
