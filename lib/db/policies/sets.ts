import 'server-only';
import type { PolicySet } from '#lib/api/policies.ts';
import { type AuditContext, BY_CONSOLE } from '#lib/audit-log/event.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { appendAuditBy } from '../audit-log/append.ts';
import type { TrafficDb } from '../traffic/connection.ts';
import { pack, unpack } from '../traffic/packed.ts';

/** A candidate set with the number of its changes and since when it is watched. */
export interface StoredSet {
  readonly set: PolicySet;
  readonly version: number;
  readonly watchedSince: number | undefined;
}

/** How many candidates a cluster can have. */
export const MOST_SETS = 200;

const COLUMNS = `id, name, description, hash, policies, removes, mode, watched, alert_at AS "alertAt", body, created_by AS "createdBy",
  created_at_ms AS "createdAt", updated_at_ms AS "updatedAt", watched_ms AS "watchedMs", version`;

/** Most recently changed first. */
export async function listSets(db: TrafficDb, cluster: string): Promise<StoredSet[]> {
  const rows = await db.rows<SetRow>(
    `SELECT ${COLUMNS} FROM policy_set WHERE cluster = $1 ORDER BY updated_at_ms DESC, id LIMIT ${MOST_SETS}`,
    [cluster],
  );
  return Promise.all(rows.map(storedOf));
}

export async function findSet(db: TrafficDb, cluster: string, id: string): Promise<StoredSet | undefined> {
  const [row] = await db.rows<SetRow>(`SELECT ${COLUMNS} FROM policy_set WHERE cluster = $1 AND id = $2`, [cluster, id]);
  return row && storedOf(row);
}

/** Throws `conflict` when the cluster has as many as it can. */
export async function insertSet(
  db: TrafficDb,
  cluster: string,
  set: PolicySet,
  context: AuditContext = BY_CONSOLE,
): Promise<StoredSet> {
  const values = [set.id, cluster, ...(await valuesOf(set)), set.createdBy, set.createdAt];
  const row = await db.transaction(async (tx) => {
    const [inserted] = await tx.rows<SetRow>(
      `INSERT INTO policy_set (id, cluster, name, description, hash, policies, removes, mode, watched, alert_at, body, created_by, created_at_ms,
       updated_at_ms, watched_ms)
     SELECT $1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11, $12, $13, $13, CASE WHEN $9 THEN $13::float8 END
     WHERE (SELECT count(*) FROM policy_set WHERE cluster = $2) < ${MOST_SETS}
     RETURNING ${COLUMNS}`,
      values,
    );
    if (inserted) await appendAuditBy(tx, { ...context, action: 'policy-set.create', ...eventOf(cluster, set) });
    return inserted;
  });
  if (!row) throw new CausewayError('conflict', `the cluster has ${MOST_SETS} candidate sets already; delete some first`);
  return storedOf(row);
}

/**
 * Changes the set if it still has `version`; undefined when it has another one, or is gone. What was counted of it while it was watched counts on
 * only where it stays what it was: other policies begin anew.
 */
export function updateSet(
  db: TrafficDb,
  cluster: string,
  version: number,
  set: PolicySet,
  context: AuditContext = BY_CONSOLE,
): Promise<StoredSet | undefined> {
  return db.transaction(async (tx) => {
    const values = await valuesOf(set);
    const [before] = await tx.rows<{ same: boolean }>(
      `SELECT hash = $4 AND removes = $5::jsonb AND mode = $6 AS same FROM policy_set WHERE cluster = $1 AND id = $2 AND version = $3
       FOR UPDATE`,
      [cluster, set.id, version, set.hash, JSON.stringify(set.removes), set.mode],
    );
    if (!before) return undefined;
    if (!before.same) await tx.rows('DELETE FROM would_deny WHERE set_id = $1', [set.id]);
    const [row] = await tx.rows<SetRow>(
      `UPDATE policy_set SET name = $3, description = $4, hash = $5, policies = $6::jsonb, removes = $7::jsonb, mode = $8, watched = $9,
         alert_at = $10, body = $11, updated_at_ms = $12, version = version + 1,
         watched_ms = CASE WHEN $9 THEN CASE WHEN $13 THEN COALESCE(watched_ms, $12) ELSE $12::float8 END END
       WHERE cluster = $1 AND id = $2 RETURNING ${COLUMNS}`,
      [cluster, set.id, ...values, set.updatedAt, before.same],
    );
    if (row) await appendAuditBy(tx, { ...context, action: 'policy-set.change', ...eventOf(cluster, set) });
    return row && storedOf(row);
  });
}

/** Whether there was one. */
export function deleteSet(db: TrafficDb, cluster: string, id: string, context: AuditContext = BY_CONSOLE): Promise<boolean> {
  return db.transaction(async (tx) => {
    const rows = await tx.rows('DELETE FROM policy_set WHERE cluster = $1 AND id = $2 RETURNING id', [cluster, id]);
    if (rows.length === 0) return false;
    const object = { type: 'policy-set', id };
    await appendAuditBy(tx, { ...context, action: 'policy-set.delete', object, cluster, outcome: 'ok' });
    return true;
  });
}

const eventOf = (cluster: string, { id, name, hash, mode, watched }: PolicySet) => ({
  object: { type: 'policy-set', id },
  cluster,
  outcome: 'ok' as const,
  details: { name, hash, mode, watched },
});

type SetRow = Omit<PolicySet, 'yaml' | 'alertAt'> & {
  readonly alertAt: number | null;
  readonly body: Buffer;
  readonly watchedMs: number | null;
  readonly version: number;
};

const valuesOf = async (set: PolicySet): Promise<unknown[]> => [
  set.name,
  set.description,
  set.hash,
  JSON.stringify(set.policies),
  JSON.stringify(set.removes),
  set.mode,
  set.watched,
  set.alertAt ?? null,
  await pack(set.yaml),
];

async function storedOf({ alertAt, body, watchedMs, version, ...row }: SetRow): Promise<StoredSet> {
  const set = { ...row, ...(alertAt !== null && { alertAt }), yaml: await unpack<string>(body) };
  return { set, version, watchedSince: watchedMs ?? undefined };
}
