import 'server-only';
import { z } from 'zod';
import { CHECK_STATUSES, type Phase } from '#lib/migration/model.ts';
import { elevates, type ElevationRecord } from '#lib/migration/gate/elevation.ts';
import type { EvidenceNow, GateFacts } from '#lib/migration/gate/record.ts';
import { completionOf } from '#lib/migration/gate/standing.ts';
import { DECIDING_STATES, isOpen } from '#lib/migration/gate/edges.ts';
import { phaseOf, planOf } from '#lib/migration/plan/plan.ts';
import type { Prisma } from '../generated/client.ts';
import { migrationOf, type MigrationRow, noMigration } from '../migration/migrations.ts';
import { asOf, readOwnElevation } from './elevations.ts';
import { phaseOfRow, stateOfRow } from './records.ts';

/** Who asks, where it matters for the facts: an elevation counts for one person in one session. */
export interface Asker {
  readonly subject: string;
  readonly sessionId: string | undefined;
}

export interface GateSight {
  readonly migration: MigrationRow;
  readonly facts: GateFacts;
  /** Id of the newest request of the phase. */
  readonly newest: string | undefined;
  /** The asker's own elevation in this cluster that is asked for or runs, whatever its phase and session. */
  readonly elevation: ElevationRecord | undefined;
}

/**
 * How firmly what is read stays until the transaction ends. `look`: it may change at once. `decide`: migration and evidence stay. `begin`: nobody
 * else begins a request of this migration. The request itself is locked after this, in the order migration, phase_evidence, gate_request.
 */
export type Hold = 'look' | 'decide' | 'begin';

/** Locks what a decision on a phase rests on. */
export async function holdGate(tx: Prisma.TransactionClient, cluster: string, phase: Phase, hold: Hold): Promise<void> {
  if (hold === 'begin')
    await tx.$queryRaw`SELECT 1 FROM "migration" m JOIN "migration_cluster" c ON c."migration_id" = m."id" WHERE c."cluster_id" = ${cluster} FOR UPDATE OF m`;
  if (hold === 'decide')
    await tx.$queryRaw`SELECT 1 FROM "migration" m JOIN "migration_cluster" c ON c."migration_id" = m."id" WHERE c."cluster_id" = ${cluster} FOR SHARE OF m`;
  if (hold !== 'look')
    await tx.$queryRaw`SELECT 1 FROM "phase_evidence" WHERE "cluster_id" = ${cluster} AND "phase" = ${phase} FOR SHARE`;
}

/** The one clock by which gates go, that of the database. Unix milliseconds. */
export async function gateNow(tx: Prisma.TransactionClient): Promise<number> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`SELECT "gate_now"() AS now`;
  return row?.now.getTime() ?? Number.NaN;
}

/** Everything that a decision on a phase rests on besides the request. Throws `not-found` for a cluster that belongs to no migration. */
export async function readSight(
  tx: Prisma.TransactionClient,
  cluster: string,
  phase: Phase,
  asker: Asker,
  hold: Hold,
): Promise<GateSight> {
  const migration = await migrationOf(tx, cluster);
  const member = migration?.clusters.find(({ id }) => id === cluster);
  if (!migration || !member) throw noMigration();
  const now = await gateNow(tx);
  const past = await readPast(tx, migration);
  const own = await readOwnElevation(tx, cluster, asker.subject, hold !== 'look');
  const elevation = own && asOf(own, now);
  const all = past.filter((each) => each.cluster === cluster && each.phase === phase);
  const open = all.find(({ state }) => isOpen(state));
  const here = past.filter((each) => each.cluster === cluster && each.environment === member.environment);
  const of = (wanted: Phase) => completionOf(here.filter((each) => each.phase === wanted));
  const plan = planOf(migration.planVersion);
  const planPhase = plan && phaseOf(plan, phase, migration.choices);
  return {
    migration,
    newest: (open ?? all.at(-1))?.id,
    elevation,
    facts: {
      now,
      migration: migration.id,
      cluster,
      environment: member.environment,
      phase,
      rules: migration.rules[member.environment],
      plan: planPhase && { version: migration.planVersion, phaseName: planPhase.name, rollbackBy: planPhase.rollback.startedBy },
      planVersion: migration.planVersion,
      planRevision: migration.revision,
      evidence: await readEvidenceNow(tx, cluster, phase),
      open,
      completion: of(phase),
      phaseBefore: phase === 0 ? 'first' : of((phase - 1) as Phase),
      environmentBefore: before(migration, cluster, phase, past),
      laterPhase: here.find(
        (each) =>
          each.phase > phase && ((isOpen(each.state) && !DECIDING_STATES.has(each.state)) || of(each.phase)?.request === each.id),
      )?.phase,
      openReviews: await readOpenReviews(tx, migration.id),
      elevation:
        elevation?.endsAt !== undefined && elevates(elevation, asker, cluster, phase, now)
          ? { id: elevation.id, endsAt: elevation.endsAt }
          : undefined,
      steps: await readSteps(tx, cluster, phase, planPhase?.steps.map(({ id }) => id) ?? []),
    },
  };
}

async function readPast(tx: Prisma.TransactionClient, { id: migrationId, clusters }: MigrationRow) {
  const rows = await tx.gateRequest.findMany({
    // A cluster's requests of an earlier migration still hold their place: one open request for each cluster and phase.
    where: { OR: [{ migrationId }, { clusterId: { in: clusters.map(({ id }) => id) } }] },
    select: {
      id: true,
      migrationId: true,
      number: true,
      clusterId: true,
      environment: true,
      phase: true,
      state: true,
      stateSince: true,
      planRevision: true,
      requestedAt: true,
    },
    orderBy: { number: 'asc' },
  });
  // Numbers tell the order within a migration, whatever the clock said; what is of another migration was before.
  const ordered = [
    ...rows.filter((row) => row.migrationId !== migrationId),
    ...rows.filter((row) => row.migrationId === migrationId),
  ];
  return ordered.map((row) => ({
    id: row.id,
    number: row.number,
    cluster: row.clusterId,
    // What was completed in another migration completes nothing here.
    environment: row.migrationId === migrationId ? row.environment : '',
    phase: phaseOfRow(row.phase),
    state: stateOfRow(row.state),
    stateSince: row.stateSince.getTime(),
    planRevision: row.planRevision,
  }));
}

/** The nearest earlier environment that has a cluster, with the phase's completion there. */
function before(
  { clusters }: MigrationRow,
  cluster: string,
  phase: Phase,
  past: Awaited<ReturnType<typeof readPast>>,
): GateFacts['environmentBefore'] {
  const place = clusters.findIndex(({ id }) => id === cluster);
  const earlier = place > 0 ? clusters[place - 1] : undefined;
  if (!earlier) return 'first';
  const there = past.filter(
    (each) => each.cluster === earlier.id && each.environment === earlier.environment && each.phase === phase,
  );
  return { environment: earlier.environment, completion: completionOf(there) };
}

const Checks = z.array(z.object({ check: z.string(), status: z.enum(CHECK_STATUSES), value: z.string() })).catch([]);

async function readEvidenceNow(tx: Prisma.TransactionClient, clusterId: string, phase: Phase): Promise<EvidenceNow | undefined> {
  const row = await tx.phaseEvidence.findUnique({ where: { clusterId_phase: { clusterId, phase } } });
  if (!row) return undefined;
  return {
    hash: row.hash ?? undefined,
    met: row.met,
    current: row.evaluatedVersion >= row.inputsVersion,
    evaluatedAt: row.evaluatedAt?.getTime(),
    contributors: row.contributors,
    checks: Checks.parse(row.results),
  };
}

async function readOpenReviews(tx: Prisma.TransactionClient, migrationId: string): Promise<GateFacts['openReviews']> {
  const rows = await tx.gateGlass.findMany({
    where: { closedBy: null, request: { migrationId } },
    select: { bySubject: true, byName: true, request: { select: { phase: true, environment: true } } },
    orderBy: { at: 'asc' },
  });
  return rows.map(({ bySubject, byName, request }) => ({
    phase: phaseOfRow(request.phase),
    environment: request.environment as GateFacts['environment'], // a constraint of the table takes no other
    by: { subject: bySubject, name: byName },
  }));
}

async function readSteps(tx: Prisma.TransactionClient, clusterId: string, phase: Phase, ids: readonly string[]) {
  const done = await tx.stepTick.count({ where: { clusterId, phase, done: true, stepId: { in: [...ids] } } });
  return { done, total: ids.length };
}
