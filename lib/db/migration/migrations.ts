import 'server-only';
import { ENVIRONMENTS, Environment } from '#lib/api/common.ts';
import type { GateRules } from '#lib/api/migration.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { METHODS, type Method, PHASES, type PlanChoices, type Route, ROUTES } from '#lib/migration/model.ts';
import type { Plan } from '#lib/migration/plan/model.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';
import { rulesOf } from './rules.ts';

/** A cluster of a migration. */
export interface MemberCluster {
  readonly id: string;
  readonly name: string;
  /** The one it stands for in the migration. */
  readonly environment: Environment;
  /** The one the cluster has now: rights go by it. */
  readonly ownEnvironment: Environment;
}

/** A row of table `migration` with its clusters in the order of promotion. */
export interface MigrationRow {
  readonly id: string;
  readonly name: string;
  readonly planVersion: string;
  readonly choices: PlanChoices;
  readonly revision: number;
  /** Subject of who made the revision. */
  readonly revisedBy: string;
  readonly version: number;
  readonly rules: Readonly<Record<Environment, GateRules>>;
  readonly clusters: readonly MemberCluster[];
  readonly createdBy: { readonly subject: string; readonly name: string };
  /** Unix milliseconds. */
  readonly createdAt: number;
}

const WITH_CLUSTERS = { clusters: { include: { cluster: { select: { name: true, environment: true } } } } } as const;
type Row = Prisma.MigrationGetPayload<{ include: typeof WITH_CLUSTERS }>;

/** The migration that a cluster belongs to. */
export const readMigrationOf = (cluster: string): Promise<MigrationRow | undefined> =>
  withDatabase((db) => migrationOf(db, cluster));

/** As `readMigrationOf`, within a transaction. */
export async function migrationOf(tx: Prisma.TransactionClient, cluster: string): Promise<MigrationRow | undefined> {
  const row = await tx.migration.findFirst({ where: { clusters: { some: { clusterId: cluster } } }, include: WITH_CLUSTERS });
  return row ? rowOf(row) : undefined;
}

/** The migration of a cluster, locked until the transaction ends. Throws `not-found` when it belongs to none. */
export async function lockMigrationOf(tx: Prisma.TransactionClient, cluster: string): Promise<MigrationRow> {
  await tx.$queryRaw`SELECT 1 FROM "migration" m JOIN "migration_cluster" c ON c."migration_id" = m."id" WHERE c."cluster_id" = ${cluster} FOR UPDATE OF m`;
  const migration = await migrationOf(tx, cluster);
  if (!migration) throw noMigration();
  return migration;
}

export const noMigration = (): CausewayError =>
  new CausewayError('not-found', 'no migration has begun with this cluster; an admin can begin one on its page Migration');

/** All migrations, oldest first. */
export const readMigrations = (): Promise<MigrationRow[]> =>
  withDatabase(async (db) =>
    (await db.migration.findMany({ include: WITH_CLUSTERS, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })).map(rowOf),
  );

export interface NewMigration {
  readonly id: string;
  readonly name: string;
  readonly planVersion: string;
  readonly choices: PlanChoices;
  readonly by: { readonly subject: string; readonly name: string };
}

export async function insertMigration(tx: Prisma.TransactionClient, migration: NewMigration): Promise<void> {
  const { id, name, planVersion, choices, by } = migration;
  await tx.migration.create({
    data: { id, name, planVersion, ...choices, revisedBy: by.subject, createdBy: by.subject, createdByName: by.name },
  });
}

/** Takes a cluster into a migration, with evidence of each phase that has not been read yet. Throws `conflict` when it belongs to one already. */
export async function joinCluster(
  tx: Prisma.TransactionClient,
  migrationId: string,
  cluster: string,
  environment: Environment,
): Promise<void> {
  const { count } = await tx.migrationCluster.createMany({
    data: [{ clusterId: cluster, migrationId, environment }],
    skipDuplicates: true,
  });
  if (count === 0)
    throw new CausewayError('conflict', `cluster ${cluster}, or another one in ${environment}, belongs to a migration already`);
  await tx.phaseEvidence.createMany({ data: PHASES.map((phase) => ({ clusterId: cluster, phase })) });
}

/** Takes a cluster out, with all evidence that belongs to it there. */
export async function leaveCluster(tx: Prisma.TransactionClient, cluster: string): Promise<void> {
  await tx.migrationCluster.deleteMany({ where: { clusterId: cluster } });
}

export interface MigrationUpdate {
  readonly name: string;
  readonly planVersion: string;
  readonly choices: PlanChoices;
  readonly revision: number;
  readonly revisedBy: string;
  /** Of environments that have rules of their own. */
  readonly rules: Partial<Record<Environment, GateRules>>;
}

/** Writes a migration that is locked; its version grows. */
export async function updateMigration(tx: Prisma.TransactionClient, id: string, update: MigrationUpdate): Promise<void> {
  const { choices, rules, ...data } = update;
  await tx.migration.update({ where: { id }, data: { ...data, ...choices, rules, version: { increment: 1 } } });
}

/** Keeps the plan as it is now; one that is there already stays. */
export async function keepPlan(tx: Prisma.TransactionClient, plan: Plan): Promise<void> {
  await tx.storedPlan.createMany({
    data: [{ version: plan.version, body: plan as unknown as Prisma.InputJsonObject }],
    skipDuplicates: true,
  });
}

/** A plan as it was kept: written by this console, so its shape is that of its time. */
export const readKeptPlan = (version: string): Promise<Plan | undefined> =>
  withDatabase(async (db) => {
    const row = await db.storedPlan.findUnique({ where: { version } });
    return row ? (row.body as unknown as Plan) : undefined;
  });

function rowOf(row: Row): MigrationRow {
  const { id, name, planVersion, method, route, revision, revisedBy, version, rules, clusters } = row;
  return {
    id,
    name,
    planVersion,
    choices: { method: oneOf<Method>(METHODS, method), route: oneOf<Route>(ROUTES, route) },
    revision,
    revisedBy,
    version,
    rules: rulesOf(rules),
    clusters: clusters
      .map(({ clusterId, environment, cluster }) => ({
        id: clusterId,
        name: cluster.name,
        environment: Environment.parse(environment),
        ownEnvironment: Environment.parse(cluster.environment),
      }))
      .toSorted((a, b) => ENVIRONMENTS.indexOf(a.environment) - ENVIRONMENTS.indexOf(b.environment)),
    createdBy: { subject: row.createdBy, name: row.createdByName },
    createdAt: row.createdAt.getTime(),
  };
}

/** A constraint of the table takes no other. */
function oneOf<T extends string>(values: readonly T[], text: string): T {
  const value = values.find((known) => known === text);
  if (value === undefined) throw new Error(`${text} is none of ${values.join(', ')}`);
  return value;
}
