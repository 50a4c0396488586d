import 'server-only';
import type { TrafficDb } from '../traffic/connection.ts';

const DAY_MS = 86_400_000;
/** Rows of one statement: on the embedded database everybody else waits for it. */
const STEP = 5000;

/**
 * Deletes receipts of what was let through (aggregates, full mode) that are older than `days`; what was refused, found or asked for stays, as do batches,
 * the hashes of all leaves, nodes and heads. Gives how many went.
 */
export async function dropOldReceipts(db: TrafficDb, now: number, days: number): Promise<number> {
  let dropped = 0;
  for (;;) {
    const gone = await db.rows(
      `DELETE FROM receipt WHERE id IN (
         SELECT id FROM receipt WHERE class IN ('aggregate', 'full') AND observed_at_ms < $1 LIMIT ${STEP}) RETURNING id`,
      [now - days * DAY_MS],
    );
    dropped += gone.length;
    if (gone.length < STEP) return dropped;
  }
}
