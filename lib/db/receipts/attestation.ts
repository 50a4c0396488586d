import 'server-only';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import type { Statements } from '../traffic/connection.ts';
import { readNewestHead } from './read-log.ts';

const HOUR_MS = 3_600_000;

/** What the log says of the way that receipts took: it outlives the process that made them. */
export type LoggedStatus = Pick<AttestationStatus, 'receipts' | 'lastBatch' | 'lastCheckpoint'>;

/** Receipts of the last hour by class, the newest batch and the newest signed head of a cluster's log. */
export async function readLoggedStatus(db: Statements, cluster: string, now: number): Promise<LoggedStatus> {
  const counts = await db.rows<{ class: string; count: number }>(
    `SELECT counted.key AS class, sum(counted.value::int)::int AS count
     FROM receipt_batch b, jsonb_each_text(b.header::jsonb -> 'receipt_counts') counted
     WHERE b.cluster = $1 AND b.window_end_ms > $2 GROUP BY counted.key`,
    [cluster, now - HOUR_MS],
  );
  const [batch] = await db.rows<{ seq: number; at: number; leaves: number }>(
    `SELECT seq, sealed_at_ms AS at, leaf_count AS leaves FROM receipt_batch WHERE cluster = $1 ORDER BY seq DESC LIMIT 1`,
    [cluster],
  );
  const head = await readNewestHead(db, cluster);
  return {
    receipts: {
      total: counts.reduce((sum, { count }) => sum + count, 0),
      byClass: Object.fromEntries(counts.map((row) => [row.class, row.count])),
    },
    ...(batch && { lastBatch: batch }),
    ...(head && { lastCheckpoint: { size: head.size, at: head.at, witnesses: head.witnesses.length } }),
  };
}
