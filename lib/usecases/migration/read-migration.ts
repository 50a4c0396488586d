import 'server-only';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import type { Migration, PhaseCell } from '#lib/api/migration.ts';
import { type PhaseEdits, readEdits } from '#lib/db/migration/edits.ts';
import { type EvidenceRow, isCurrent, readEvidence } from '#lib/db/migration/evidence.ts';
import { type MemberCluster, type MigrationRow, noMigration, readMigrationOf } from '#lib/db/migration/migrations.ts';
import type { Phase } from '#lib/migration/model.ts';
import { checksOf, standingOf } from '#lib/migration/phase-state.ts';
import { type Plan, type PlanPhase } from '#lib/migration/plan/model.ts';
import { LATEST_PLAN, phaseOf } from '#lib/migration/plan/plan.ts';
import { type GateOverview, readGateOverview } from '#lib/usecases/gates/overview.ts';
import { planInUse } from './plan-in-use.ts';

/** Whether the caller may see a cluster. */
export type MaySee = (cluster: { readonly id: string; readonly environment: MemberCluster['environment'] }) => boolean;

/** A migration with everything its phases rest on. */
export interface MigrationState {
  readonly migration: MigrationRow;
  readonly plan: Plan;
  readonly planGone: boolean;
  readonly gates: GateOverview;
  readonly evidence: (cluster: string, phase: Phase) => EvidenceRow | undefined;
  readonly edits: (cluster: string, phase: Phase) => PhaseEdits;
}

/** Reads the migration of a cluster. Throws `not-found` when none has begun with it. */
export async function readMigrationState(cluster: string): Promise<MigrationState> {
  const migration = await readMigrationOf(cluster);
  if (!migration) throw noMigration();
  const clusters = migration.clusters.map(({ id }) => id);
  const [{ plan, gone }, gates, evidence, edits] = await Promise.all([
    planInUse(migration),
    readGateOverview(migration),
    readEvidence(clusters),
    readEdits(clusters),
  ]);
  return {
    migration,
    plan,
    planGone: gone,
    gates,
    evidence: (id, phase) => evidence.find((row) => row.cluster === id && row.phase === phase),
    edits,
  };
}

/** The migration of a cluster as the API shows it: what the caller may not see of it is hidden, not left out. */
export async function readMigration(cluster: string, maySee: MaySee): Promise<Migration> {
  return migrationOf(await readMigrationState(cluster), maySee);
}

export function migrationOf(state: MigrationState, maySee: MaySee): Migration {
  const { migration, plan, planGone, gates } = state;
  const seen = migration.clusters.filter(({ id, ownEnvironment }) => maySee({ id, environment: ownEnvironment }));
  const isSeen = (environment: MemberCluster['environment']) => seen.some((member) => member.environment === environment);
  const { id, name, planVersion, revision, version, choices, createdAt, createdBy } = migration;
  return {
    id,
    name,
    planVersion,
    latestPlanVersion: LATEST_PLAN.version,
    planGone,
    revision,
    version,
    choices,
    environments: ENVIRONMENTS.map((environment) => {
      const member = migration.clusters.find((each) => each.environment === environment);
      const cluster = seen.find((each) => each.environment === environment);
      return {
        environment,
        ...(cluster && { cluster: { id: cluster.id, name: cluster.name } }),
        hidden: member !== undefined && cluster === undefined,
        rules: migration.rules[environment],
      };
    }),
    phases: plan.phases.map((whole) => {
      const phase = phaseOf(plan, whole.phase, choices);
      return {
        phase: phase.phase,
        name: phase.name,
        summary: phase.summary,
        optional: phase.optional,
        typicalLength: phase.typicalLength,
        leaves: phase.leaves,
        cells: seen.map((member) => cellOf(state, phase, member)),
      };
    }),
    brokenGlass: gates.brokenGlass.filter(({ environment }) => isSeen(environment)),
    elevations: gates.elevations.filter(({ environment }) => isSeen(environment)),
    createdAt,
    createdBy,
  };
}

/** How one phase stands in one environment. */
export function cellOf(state: MigrationState, phase: PlanPhase, { id, environment }: MemberCluster): PhaseCell {
  const { migration, gates } = state;
  const evidence = state.evidence(id, phase.phase);
  const edits = state.edits(id, phase.phase);
  const { request, completion } = gates.of(id, phase.phase);
  const done = new Set(edits.ticks.filter((tick) => tick.done).map(({ step }) => step));
  const standing = standingOf({
    phase: phase.phase,
    now: gates.now,
    planRevision: migration.revision,
    checks: checksOf(phase, evidence?.results ?? [], acknowledgedIn(edits)).map(({ result, met }) => ({
      status: result.status,
      met,
    })),
    steps: { done: phase.steps.filter((step) => done.has(step.id)).length, total: phase.steps.length },
    current: evidence !== undefined && isCurrent(evidence),
    request,
    completion,
    phaseBefore: before(phase.phase) === undefined ? 'first' : gates.of(id, before(phase.phase) ?? 0).completion,
    environmentBefore: environmentBefore(state, phase.phase, environment),
    soakMinutes: migration.rules[environment].soakMinutes,
  });
  const { since, by, ...rest } = standing;
  return {
    phase: phase.phase,
    environment,
    ...rest,
    by: [...by],
    ...(since !== undefined && { since }),
    ...(request && { request: request.id }),
    brokenGlass: request?.brokenGlass ?? false,
  };
}

/** Checks that somebody took on. */
export const acknowledgedIn = ({ checks }: PhaseEdits): ReadonlySet<string> =>
  new Set(checks.filter(({ kind }) => kind === 'acknowledge').map(({ check }) => check));

const before = (phase: Phase): Phase | undefined => (phase === 0 ? undefined : ((phase - 1) as Phase));

function environmentBefore({ migration, gates }: MigrationState, phase: Phase, environment: MemberCluster['environment']) {
  const earlier = migration.clusters
    .filter((member) => ENVIRONMENTS.indexOf(member.environment) < ENVIRONMENTS.indexOf(environment))
    .at(-1);
  return earlier ? { environment: earlier.environment, completion: gates.of(earlier.id, phase).completion } : ('first' as const);
}

/** Clusters of the migration that the caller may see. Throws `not-found` when none has begun. */
export async function seenClusters(cluster: string, maySee: MaySee): Promise<ReadonlySet<string>> {
  const migration = await readMigrationOf(cluster);
  if (!migration) throw noMigration();
  return new Set(
    migration.clusters.filter(({ id, ownEnvironment }) => maySee({ id, environment: ownEnvironment })).map(({ id }) => id),
  );
}
