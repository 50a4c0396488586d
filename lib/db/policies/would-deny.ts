import 'server-only';
import type { TrafficDb } from '../traffic/connection.ts';

/** What a watched set says of the traffic of one minute. */
export interface WouldDenyMinute {
  /** Start of the minute, Unix milliseconds. */
  readonly minute: number;
  /** Flows that passed and that the set would deny; flows it cannot judge; all that were put to it. */
  readonly denied: number;
  readonly unknown: number;
  readonly judged: number;
  /** Flows it would deny, by the workload whose direction denies. */
  readonly workloads: Readonly<Record<string, number>>;
}

/** Writes what a minute came to; judged again, the newer answer counts. Minutes of a set that is gone are left out. */
export async function writeWouldDeny(db: TrafficDb, set: string, minutes: readonly WouldDenyMinute[]): Promise<void> {
  if (minutes.length === 0) return;
  await db.rows(
    `INSERT INTO would_deny (set_id, minute_ms, denied, unknown, judged, workloads)
     SELECT $1, minute, denied, unknown, judged, workloads
     FROM jsonb_to_recordset($2::jsonb) AS row(minute float8, denied float8, unknown float8, judged float8, workloads jsonb)
     WHERE EXISTS (SELECT 1 FROM policy_set WHERE id = $1)
     ON CONFLICT (set_id, minute_ms) DO UPDATE SET denied = excluded.denied, unknown = excluded.unknown, judged = excluded.judged,
       workloads = excluded.workloads`,
    [set, JSON.stringify(minutes)],
  );
}

/** Minutes of a window, in time order. */
export function readWouldDeny(db: TrafficDb, set: string, from: number, to: number): Promise<WouldDenyMinute[]> {
  return db.rows<WouldDenyMinute>(
    `SELECT minute_ms AS minute, denied, unknown, judged, workloads FROM would_deny
     WHERE set_id = $1 AND minute_ms >= $2 AND minute_ms < $3 ORDER BY minute_ms`,
    [set, from, to],
  );
}

/** The newest minute that is stored of a set. */
export async function lastWouldDeny(db: TrafficDb, set: string): Promise<number | undefined> {
  const [row] = await db.rows<{ last: number | null }>('SELECT max(minute_ms) AS last FROM would_deny WHERE set_id = $1', [set]);
  return row?.last ?? undefined;
}
