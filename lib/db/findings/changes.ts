import 'server-only';
import type { PolicyRef } from '#lib/policy/model.ts';
import type { Statements } from '../traffic/connection.ts';

/** A stretch in which a policy had one content, as it was recorded. Unix milliseconds; `to` is absent while it lasts. */
export interface PolicyStretch {
  readonly ref: PolicyRef;
  readonly from: number;
  readonly to: number | undefined;
  readonly hash: string;
  readonly generation: number | undefined;
}

/** Stretches that began or ended after `since`, with the one before each of the same policy, in order. At most `MOST` of them. */
export async function readPolicyStretches(db: Statements, cluster: string, since: number): Promise<PolicyStretch[]> {
  const rows = await db.rows<{ ref: PolicyRef; from: number; to: number | null; hash: string; generation: number | null }>(
    `SELECT ref, from_ms AS "from", to_ms AS "to", hash, generation FROM policy_presence
     WHERE cluster = $1 AND ref IN (SELECT ref FROM policy_presence WHERE cluster = $1 AND (from_ms > $2 OR to_ms > $2) LIMIT ${MOST})
       AND (to_ms IS NULL OR to_ms > $2 - ${BACK_MS} OR from_ms > $2)
     ORDER BY ref, from_ms`,
    [cluster, since],
  );
  return rows.map(({ to, generation, ...row }) => ({
    ...row,
    to: to ?? undefined,
    generation: generation ?? undefined,
  }));
}

const MOST = 2000;
/** A stretch that ended longer before the change than this is no longer taken for what it replaced. */
const BACK_MS = 400 * 24 * 3_600_000;

/** States of a gate request in which its phase is being carried out. */
const AT_WORK = ['executing', 'verifying', 'rolling-back'];

/** What is known of the right to change something in a cluster at a time. */
export interface ChangeRecord {
  /** The cluster belongs to a migration, so that there are phases that could have been approved. */
  readonly inMigration: boolean;
  /** A phase was approved and being carried out. */
  readonly openPhase: number | undefined;
}

/** Whether an approved phase was open in a cluster at any time in `from..to` (Unix milliseconds): then a change then was part of it. */
export async function readChangeRecord(db: Statements, cluster: string, from: number, to: number): Promise<ChangeRecord> {
  const [row] = await db.rows<{ inMigration: boolean; phase: number | null }>(
    `SELECT EXISTS (SELECT 1 FROM migration_cluster WHERE cluster_id = $1) AS "inMigration",
       (SELECT r.phase FROM gate_request r JOIN gate_transition t ON t.request_id = r.id
        WHERE r.cluster_id = $1 AND t.to_state = ANY($4) AND t.at <= to_timestamp($3::float8 / 1000)
          AND NOT EXISTS (SELECT 1 FROM gate_transition n WHERE n.request_id = r.id AND n.version > t.version
            AND n.to_state <> ALL($4) AND n.at < to_timestamp($2::float8 / 1000))
        ORDER BY t.at DESC LIMIT 1) AS phase`,
    [cluster, from, to, AT_WORK],
  );
  return { inMigration: row?.inMigration ?? false, openPhase: row?.phase ?? undefined };
}
