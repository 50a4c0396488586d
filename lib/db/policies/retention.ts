import 'server-only';
import type { TrafficDb } from '../traffic/connection.ts';
import { DAY_MS } from '../traffic/partitions.ts';
import { thinWorlds } from './worlds.ts';

/** As long as the coarsest traffic is kept, so that what was seen can be judged by the policies of its time. */
const POLICY_DAYS = 401;
const WOULD_DENY_DAYS = 30;

/** Forgets policies, sets in force, worlds and counts that are older than their retention. */
export async function dropOldPolicies(db: TrafficDb, now: number): Promise<void> {
  const before = now - POLICY_DAYS * DAY_MS;
  await db.rows('DELETE FROM policy_force WHERE to_ms < $1', [before]);
  await db.rows('DELETE FROM policy_presence WHERE to_ms < $1', [before]);
  await db.rows(
    `DELETE FROM policy_version WHERE NOT EXISTS (SELECT 1 FROM policy_presence AS presence
       WHERE presence.cluster = policy_version.cluster AND presence.ref = policy_version.ref AND presence.hash = policy_version.hash)`,
  );
  await db.rows('DELETE FROM would_deny WHERE minute_ms < $1', [now - WOULD_DENY_DAYS * DAY_MS]);
  await thinWorlds(db, now);
}
