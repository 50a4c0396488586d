import 'server-only';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { GateRules, type MigrationChange } from '#lib/api/migration.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { touchInputs } from '#lib/db/migration/edits.ts';
import {
  joinCluster,
  keepPlan,
  leaveCluster,
  lockMigrationOf,
  type MigrationRow,
  updateMigration,
} from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { planOf } from '#lib/migration/plan/plan.ts';
import { checkedCluster, type MayManage } from './begin-migration.ts';
import { type EditContext, editorOf, tellEdit } from './edit.ts';
import { evaluateSoon } from './evaluate-now.ts';

/**
 * Changes the migration that was read at `version`. Another plan version or other choices make a new revision, whose author approves nothing on it.
 * Throws `precondition-failed` when someone else was faster, `forbidden` unless the caller may manage every cluster of it, `bad-input` for what does
 * not fit, `conflict` for a cluster whose gates have been asked for: decisions stay with what they were made on.
 */
export async function changeMigration(
  context: EditContext,
  version: number,
  change: MigrationChange,
  mayManage: MayManage,
): Promise<void> {
  await checkClusters(change, mayManage);
  const clusters = await inTransaction(async (tx) => {
    const migration = await lockMigrationOf(tx, context.cluster);
    if (!migration.clusters.every(({ id, ownEnvironment }) => mayManage({ id, environment: ownEnvironment })))
      throw new CausewayError('forbidden', 'changing a migration needs the role admin for each of its clusters');
    if (migration.version !== version)
      throw new CausewayError('precondition-failed', 'the migration was changed in the meantime; read it again');
    await moveClusters(tx, context, migration, change);
    const revised = await revise(tx, context, migration, change);
    await tellEdit(tx, context, {
      action: 'migration.change',
      object: { type: 'migration', id: migration.id },
      details: { revision: revised, changed: Object.keys(change).join(' '), version: migration.version + 1 },
      change: { what: 'settings', action: 'migration.changed', text: textOf(change) },
    });
    return migration.clusters;
  });
  await Promise.all(clusters.map(({ id }) => evaluateSoon(context.ingest, id)));
}

async function checkClusters({ clusters }: MigrationChange, mayManage: MayManage): Promise<void> {
  for (const environment of ENVIRONMENTS) {
    const id = clusters?.[environment];
    if (id !== undefined && id !== null) await checkedCluster(id, environment, mayManage);
  }
}

async function moveClusters(
  tx: Prisma.TransactionClient,
  context: EditContext,
  migration: MigrationRow,
  { clusters }: MigrationChange,
): Promise<void> {
  for (const environment of ENVIRONMENTS) {
    const wanted = clusters?.[environment];
    const now = migration.clusters.find((member) => member.environment === environment)?.id;
    if (wanted === undefined || (wanted ?? undefined) === now) continue;
    if (now !== undefined) {
      if (now === context.cluster)
        throw new CausewayError('bad-input', 'the cluster of the path cannot leave; ask on the page of another cluster', {
          place: { field: `clusters.${environment}` },
        });
      await refuseDecided(tx, now);
      await leaveCluster(tx, now);
    }
    if (wanted !== null) await joinCluster(tx, migration.id, wanted, environment);
  }
}

/** Writes what changes; the revision it has then. */
async function revise(
  tx: Prisma.TransactionClient,
  context: EditContext,
  migration: MigrationRow,
  change: MigrationChange,
): Promise<number> {
  const plan = planOf(change.planVersion ?? migration.planVersion);
  if (change.planVersion !== undefined && !plan)
    throw new CausewayError('bad-input', `there is no version ${change.planVersion} of the plan`, {
      place: { field: 'planVersion' },
    });
  if (plan) await keepPlan(tx, plan);
  const choices = change.choices ?? migration.choices;
  const planVersion = change.planVersion ?? migration.planVersion;
  const isRevised =
    planVersion !== migration.planVersion ||
    choices.method !== migration.choices.method ||
    choices.route !== migration.choices.route;
  const revision = migration.revision + (isRevised ? 1 : 0);
  const rules = Object.fromEntries(
    ENVIRONMENTS.map((environment) => [
      environment,
      GateRules.parse(change.rules?.[environment] ?? migration.rules[environment]),
    ]),
  );
  await updateMigration(tx, migration.id, {
    name: change.name ?? migration.name,
    planVersion,
    choices,
    revision,
    revisedBy: isRevised ? editorOf(context).subject : migration.revisedBy,
    rules,
  });
  if (isRevised) for (const { id } of migration.clusters) await touchInputs(tx, id);
  return revision;
}

async function refuseDecided(tx: Prisma.TransactionClient, cluster: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ asked: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM "gate_request" WHERE "cluster_id" = ${cluster}) AS asked`;
  if (row?.asked)
    throw new CausewayError('conflict', `gates of ${cluster} have been asked for: it stays with the migration that decided them`);
}

function textOf(change: MigrationChange): string {
  const parts = [
    change.planVersion !== undefined && `moved to plan ${change.planVersion}`,
    change.choices !== undefined && `chose ${change.choices.method} and ${change.choices.route}`,
    change.rules !== undefined && `changed the rules of ${Object.keys(change.rules).join(', ')}`,
    change.clusters !== undefined && 'changed its clusters',
    change.name !== undefined && `named it “${change.name}”`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(', ') : 'changed nothing';
}
