import 'server-only';
import type { Statements, TrafficDb } from '../traffic/connection.ts';

/** A delivery that is this process's to send until its claim runs out. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: string;
  readonly url: string;
  readonly body: string;
  /** Sealed. */
  readonly secret: Buffer;
  /** This attempt's number, from 1. */
  readonly attempt: number;
}

/** Longer than an attempt takes: who has not said by then what became of it is taken for dead. */
const CLAIM_MS = 60_000;
/** Deliveries of one webhook that are sent at the same time: a slow receiver does not hold up the others. */
const MOST_AT_ONCE = 4;

const DAY_MS = 86_400_000;
const DELIVERED_KEPT_DAYS = 30;
const DEAD_KEPT_DAYS = 90;

/**
 * Takes up to `most` deliveries that are due, the oldest first, each for one process alone. The attempt is counted before it is made, so that
 * one that kills its sender is not tried for ever.
 */
export function claimDeliveries(db: TrafficDb, now: number, most: number): Promise<ClaimedDelivery[]> {
  return db.rows<ClaimedDelivery>(
    `WITH due AS (
       SELECT d.id, d.claimed_until_ms, d.next_at_ms,
         row_number() OVER (PARTITION BY webhook_id ORDER BY d.claimed_until_ms > $1::float8 DESC, d.next_at_ms, d.id) AS place
       FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
       WHERE d.state = 'waiting' AND d.next_at_ms <= $1 AND w.active),
     free AS (
       SELECT id FROM webhook_delivery
       WHERE id IN (SELECT id FROM due WHERE place <= ${MOST_AT_ONCE} AND claimed_until_ms <= $1 ORDER BY next_at_ms LIMIT $2::int)
         AND state = 'waiting' AND claimed_until_ms <= $1
       FOR UPDATE SKIP LOCKED)
     UPDATE webhook_delivery d SET claimed_until_ms = $1 + ${CLAIM_MS}, attempts = attempts + 1
     FROM free, webhook w WHERE d.id = free.id AND w.id = d.webhook_id
     RETURNING d.id, d.webhook_id AS webhook, d.event, w.url, d.body, w.secret, d.attempts AS attempt`,
    [now, most],
  );
}

/** It arrived. */
export const settleDelivered = (db: TrafficDb, { id, webhook }: ClaimedDelivery, now: number, status: number): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.rows(
      `UPDATE webhook_delivery SET state = 'delivered', ended_at_ms = $2, status = $3, problem = '', claimed_until_ms = 0
       WHERE id = $1 AND state = 'waiting'`,
      [id, now, status],
    );
    await noteProblem(tx, webhook, '');
  });

export interface Failure {
  readonly problem: string;
  readonly status: number | undefined;
  /** When it is tried again; undefined: it is given up. */
  readonly nextAt: number | undefined;
  /** The receiver wants nothing more: the webhook is switched off. */
  readonly gone: boolean;
}

/** It did not arrive. */
export const settleFailed = (db: TrafficDb, { id, webhook }: ClaimedDelivery, now: number, failure: Failure): Promise<void> =>
  db.transaction(async (tx) => {
    const { problem, status, nextAt, gone } = failure;
    await tx.rows(
      `UPDATE webhook_delivery SET claimed_until_ms = 0, status = $3, problem = $4,
         state = CASE WHEN $5::float8 IS NULL THEN 'dead' ELSE 'waiting' END,
         next_at_ms = COALESCE($5::float8, next_at_ms), ended_at_ms = CASE WHEN $5::float8 IS NULL THEN $2::float8 END
       WHERE id = $1 AND state = 'waiting'`,
      [id, now, status ?? null, problem, nextAt ?? null],
    );
    await noteProblem(tx, webhook, problem);
    if (gone) await tx.rows('UPDATE webhook SET active = false, version = version + 1 WHERE id = $1 AND active', [webhook]);
  });

/** Forgets what was delivered a month ago and given up three months ago. */
export const dropOldDeliveries = (db: TrafficDb, now: number): Promise<unknown> =>
  db.rows(
    `DELETE FROM webhook_delivery WHERE (state = 'delivered' AND ended_at_ms < $1) OR (state = 'dead' AND ended_at_ms < $2)`,
    [now - DELIVERED_KEPT_DAYS * DAY_MS, now - DEAD_KEPT_DAYS * DAY_MS],
  );

const noteProblem = (tx: Statements, webhook: string, problem: string): Promise<unknown> =>
  tx.rows('UPDATE webhook SET last_problem = $2 WHERE id = $1 AND last_problem <> $2', [webhook, problem]);
