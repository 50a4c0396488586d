import 'server-only';
import { randomUUID } from 'node:crypto';
import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import type { MigrationInput } from '#lib/api/migration.ts';
import { insertMigration, joinCluster, keepPlan } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { type ClusterRow, readCluster } from '#lib/db/platform/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { LATEST_PLAN } from '#lib/migration/plan/plan.ts';
import { type EditContext, editorOf, tellEdit } from './edit.ts';
import { evaluateSoon } from './evaluate-now.ts';

/** Whether the caller may manage the migration of a cluster. */
export type MayManage = (cluster: Pick<ClusterRow, 'id' | 'environment'>) => boolean;

/**
 * Begins a migration of these clusters on the newest plan. Throws `bad-input` for a cluster that is none of its environment or that the caller may not
 * manage, `conflict` for one that belongs to a migration already.
 */
export async function beginMigration(context: EditContext, input: MigrationInput, mayManage: MayManage): Promise<void> {
  const chosen = ENVIRONMENTS.flatMap((environment) => {
    const cluster = input.clusters[environment];
    return cluster === undefined ? [] : [{ environment, cluster }];
  });
  if (!chosen.some(({ cluster }) => cluster === context.cluster))
    throw new CausewayError('bad-input', 'the cluster of the path is one of its clusters', { place: { field: 'clusters' } });
  for (const { environment, cluster } of chosen) await checkedCluster(cluster, environment, mayManage);
  const id = randomUUID();
  await inTransaction(async (tx) => {
    await keepPlan(tx, LATEST_PLAN);
    const { name, choices } = input;
    await insertMigration(tx, { id, name, choices, planVersion: LATEST_PLAN.version, by: editorOf(context) });
    for (const { environment, cluster } of chosen) await joinCluster(tx, id, cluster, environment);
    await tellEdit(tx, context, {
      action: 'migration.create',
      object: { type: 'migration', id },
      details: { name, plan: LATEST_PLAN.version, clusters: chosen.map(({ cluster }) => cluster).join(' ') },
      change: { what: 'settings', action: 'migration.begun', text: `began the migration “${name}”` },
    });
  });
  await Promise.all(chosen.map(({ cluster }) => evaluateSoon(context.ingest, cluster)));
}

/** A cluster that somebody wants in a migration. What the caller may not manage is told like what is not there. */
export async function checkedCluster(id: string, environment: Environment, mayManage: MayManage): Promise<ClusterRow> {
  const place = { place: { field: `clusters.${environment}` } };
  const cluster = await readCluster(id);
  if (!cluster || !mayManage(cluster)) throw new CausewayError('bad-input', `${id} is no cluster that you may manage`, place);
  if (cluster.environment !== environment)
    throw new CausewayError('bad-input', `${id} is a cluster of ${cluster.environment}, not of ${environment}`, place);
  return cluster;
}
