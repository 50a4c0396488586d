import type { CountRow } from './tuple.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Counts of finer buckets as counts of buckets of `bucketMs` (a minute, hour or day in UTC). Sums stay exact, and so it does not matter in how many steps,
 * or from which batches, the counts came here.
 */
export function compact(rows: Iterable<CountRow>, bucketMs: number): CountRow[] {
  const merged = new Map<string, CountRow>();
  for (const row of rows) {
    const bucket = Math.floor(row.bucket / bucketMs) * bucketMs;
    const key = `${bucket} ${row.tuple}`;
    const known = merged.get(key);
    merged.set(key, {
      tuple: row.tuple,
      bucket,
      flows: row.flows + (known?.flows ?? 0),
      first_seen_ms: Math.min(row.first_seen_ms, known?.first_seen_ms ?? row.first_seen_ms),
      last_seen_ms: Math.max(row.last_seen_ms, known?.last_seen_ms ?? row.last_seen_ms),
    });
  }
  return [...merged.values()];
}
