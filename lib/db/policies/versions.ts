import 'server-only';
import type { PolicyObject, PolicyRef } from '#lib/policy/model.ts';
import type { TrafficDb } from '../traffic/connection.ts';
import { unpack } from '../traffic/packed.ts';
import type { PolicyInForce } from './in-force.ts';

/** A content that a policy had. Times are Unix milliseconds. */
export interface StoredVersion {
  readonly hash: string;
  readonly generation: number | undefined;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly current: boolean;
}

/** The versions of a policy, the newest first; one that came back counts once. */
export async function readVersions(db: TrafficDb, cluster: string, ref: PolicyRef): Promise<StoredVersion[]> {
  const rows = await db.rows<Omit<StoredVersion, 'generation'> & { generation: number | null }>(
    `SELECT hash, max(generation) AS generation, min(from_ms) AS "firstSeen", max(COALESCE(to_ms, GREATEST(seen_ms, from_ms))) AS "lastSeen",
       bool_or(to_ms IS NULL) AS current
     FROM policy_presence JOIN policy_state USING (cluster) WHERE cluster = $1 AND ref = $2
     GROUP BY hash ORDER BY max(from_ms) DESC LIMIT 500`,
    [cluster, ref],
  );
  return rows.map(({ generation, ...row }) => ({ ...row, generation: generation ?? undefined }));
}

/** When each policy of the cluster got the content it has now. */
export async function readFirstSeen(db: TrafficDb, cluster: string): Promise<ReadonlyMap<PolicyRef, number>> {
  const rows = await db.rows<{ ref: string; from: number }>(
    'SELECT ref, from_ms AS "from" FROM policy_presence WHERE cluster = $1 AND to_ms IS NULL',
    [cluster],
  );
  return new Map(rows.map(({ ref, from }) => [ref, from]));
}

export async function readVersion(
  db: TrafficDb,
  cluster: string,
  ref: PolicyRef,
  hash: string,
): Promise<PolicyObject | undefined> {
  const [row] = await db.rows<{ body: Buffer }>('SELECT body FROM policy_version WHERE cluster = $1 AND ref = $2 AND hash = $3', [
    cluster,
    ref,
    hash,
  ]);
  return row && unpack<PolicyObject>(row.body);
}

/** A set that was in force; `to` is when that was last seen. */
export interface ForceTime {
  readonly hash: string;
  readonly from: number;
  readonly to: number;
  readonly policies: number;
}

/** The sets in force in a window, in time order. Where one ends before the next begins nobody looked. */
export function readForceTimes(db: TrafficDb, cluster: string, from: number, to: number): Promise<ForceTime[]> {
  return db.rows<ForceTime>(
    `SELECT hash, from_ms AS "from", to_ms AS "to", policies FROM policy_force
     WHERE cluster = $1 AND from_ms <= $3 AND to_ms >= $2 ORDER BY from_ms`,
    [cluster, from, to],
  );
}

/** The policies that were in the cluster at a time, by their names; empty where nobody looked then. */
export async function readPoliciesAt(db: TrafficDb, cluster: string, time: number): Promise<PolicyInForce[]> {
  const rows = await db.rows<{ ref: string; hash: string; body: Buffer }>(
    `SELECT ref, hash, body FROM policy_presence JOIN policy_version USING (cluster, ref, hash) JOIN policy_state USING (cluster)
     WHERE cluster = $1 AND from_ms <= $2 AND COALESCE(to_ms, seen_ms + 1) > $2 ORDER BY ref`,
    [cluster, time],
  );
  return Promise.all(rows.map(async ({ body, ...row }) => ({ ...row, object: await unpack<PolicyObject>(body) })));
}
