import 'server-only';
import type { TrafficDb } from './connection.ts';
import { DAY_MS, HOUR_MS } from './partitions.ts';

/** Buckets are compacted this long after their end, when hardly a late flow is still to come; one that grows again is compacted again. */
const SETTLE_MS = 5 * 60_000;

const STEPS = [
  { kind: 'ledger-hour', from: 'ledger_minute', into: 'ledger_hour', spanMs: HOUR_MS },
  { kind: 'ledger-day', from: 'ledger_hour', into: 'ledger_day', spanMs: DAY_MS },
] as const;

/**
 * Sums the ledger's minutes up to hours and its hours to days, for every bucket that is over and has grown since. A bucket is computed whole, from what
 * is finer, and replaces what was there: so it is exact however often it runs or is interrupted. Returns how many buckets were written.
 */
export async function compactLedger(db: TrafficDb, now: number): Promise<number> {
  let written = 0;
  for (const step of STEPS) {
    const due = await db.rows<{ bucket: number }>(
      `SELECT extract(epoch FROM bucket)::float8 * 1000 AS bucket FROM traffic_dirty
       WHERE kind = $1 AND bucket <= to_timestamp($2::float8 / 1000) ORDER BY bucket`,
      [step.kind, now - step.spanMs - SETTLE_MS],
    );
    for (const { bucket } of due) {
      await compactBucket(db, step, bucket);
      written += 1;
    }
  }
  return written;
}

function compactBucket(db: TrafficDb, { kind, from, into, spanMs }: (typeof STEPS)[number], bucket: number): Promise<void> {
  const window = [bucket / 1000, (bucket + spanMs) / 1000];
  return db.transaction(async (tx) => {
    // The mark goes first: a flush that comes meanwhile waits for this row and marks the bucket anew.
    await tx.rows('DELETE FROM traffic_dirty WHERE kind = $1 AND bucket = to_timestamp($2::float8)', [kind, bucket / 1000]);
    await tx.rows(`DELETE FROM ${into} WHERE bucket = to_timestamp($1::float8)`, [bucket / 1000]);
    await tx.rows(
      `INSERT INTO ${into} (bucket, tuple, flows, first_seen_ms, last_seen_ms)
       SELECT to_timestamp($1::float8), tuple, sum(flows), min(first_seen_ms), max(last_seen_ms) FROM ${from}
       WHERE bucket >= to_timestamp($1::float8) AND bucket < to_timestamp($2::float8) GROUP BY tuple`,
      window,
    );
    if (kind === 'ledger-day') return;
    await tx.rows(
      `INSERT INTO traffic_dirty (kind, cluster, bucket) VALUES ('ledger-day', '', to_timestamp($1::float8))
       ON CONFLICT (kind, cluster, bucket) DO NOTHING`,
      [(bucket - (bucket % DAY_MS)) / 1000],
    );
  });
}
