import 'server-only';
import type { TrafficDb } from '../traffic/connection.ts';

/** How much time the imported flow logs of a cluster are of. */
export interface BaselineSpan {
  /** Hours in which there was a record. */
  readonly hours: number;
  readonly records: number;
  /** Unix milliseconds: when the newest of them was imported. */
  readonly at: number;
}

const MINUTE_MS = 60_000;

/**
 * What all imports that are done cover together; undefined when there is none. Imports that overlap count once: no more than the minutes of their joint
 * windows, however many minutes each has seen.
 */
export async function readBaselineSpan(db: TrafficDb, cluster: string): Promise<BaselineSpan | undefined> {
  const rows = await db.rows<{ from: number; to: number; seen: number; records: number; at: number }>(
    `SELECT from_ms AS "from", to_ms AS "to", (coverage ->> 'minutesSeen')::float8 AS seen, accepted + rejected AS records, created_at_ms AS at
     FROM flow_log_import WHERE cluster = $1 AND state = 'done' AND from_ms IS NOT NULL ORDER BY from_ms`,
    [cluster],
  );
  if (rows.length === 0) return undefined;
  let joint = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { from, to } of rows) {
    const [first, last] = [Math.floor(from / MINUTE_MS), Math.floor(to / MINUTE_MS)];
    joint += Math.max(0, last - Math.max(first, until + 1) + 1);
    until = Math.max(until, last);
  }
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  return {
    hours: Math.min(seen, joint) / 60,
    records: rows.reduce((sum, row) => sum + row.records, 0),
    at: Math.max(...rows.map(({ at }) => at)),
  };
}
