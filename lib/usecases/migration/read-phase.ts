import 'server-only';
import type { CheckSeries, PhaseCheck, PhaseDetail, PhaseStep } from '#lib/api/migration.ts';
import { type StoredChange, readHistory } from '#lib/db/migration/changes.ts';
import type { CheckEditRow, PhaseEdits } from '#lib/db/migration/edits.ts';
import { type PointRow, readPoints } from '#lib/db/migration/evidence.ts';
import { readFacts } from '#lib/db/migration/facts.ts';
import type { CheckStatus, Phase } from '#lib/migration/model.ts';
import { checksOf } from '#lib/migration/phase-state.ts';
import { type CommandValues, fillCommand } from '#lib/migration/plan/commands.ts';
import type { Command, PlanPhase, Step } from '#lib/migration/plan/model.ts';
import { phaseOf } from '#lib/migration/plan/plan.ts';
import type { PhaseGate } from '#lib/usecases/gates/read-gate.ts';
import { acknowledgedIn, cellOf, type MigrationState, readMigrationState } from './read-migration.ts';

/** A phase in a cluster: steps with the cluster's values, checks with what they say, figures that move, gate and history. */
export async function readPhase(cluster: string, phase: Phase, readGate: () => Promise<PhaseGate>): Promise<PhaseDetail> {
  const state = await readMigrationState(cluster);
  const [values, points, history, gate] = await Promise.all([
    readFacts(cluster),
    readPoints(cluster, phase),
    readHistory(cluster, phase),
    readGate(),
  ]);
  return detailOf(state, cluster, phase, { values, points, history, gate });
}

interface PhaseParts {
  readonly values: CommandValues;
  readonly points: readonly PointRow[];
  readonly history: readonly StoredChange[];
  readonly gate: PhaseGate;
}

export function detailOf(state: MigrationState, cluster: string, number: Phase, parts: PhaseParts): PhaseDetail {
  const { migration, plan } = state;
  const member = migration.clusters.find(({ id }) => id === cluster);
  if (!member) throw new Error(`${cluster} is no cluster of its migration`);
  const phase = phaseOf(plan, number, migration.choices);
  const evidence = state.evidence(cluster, number);
  const edits = state.edits(cluster, number);
  const checks = checksOf(phase, evidence?.results ?? [], acknowledgedIn(edits)).map((check) => phaseCheck(check, edits));
  const filled = (commands: readonly Command[]) => commands.map((command) => withLists(fillCommand(command, parts.values)));
  return {
    migration: migration.id,
    cluster,
    environment: member.environment,
    cell: cellOf(state, phase, member),
    name: phase.name,
    summary: phase.summary,
    typicalLength: phase.typicalLength,
    leaves: phase.leaves,
    optional: phase.optional,
    steps: phase.steps.map((step) => phaseStep(step, checks, edits, filled)),
    checks,
    series: seriesOf(phase, checks, parts.points),
    gate: parts.gate.panel,
    rollback: {
      effort: phase.rollback.effort,
      startedBy: [...phase.rollback.startedBy],
      trigger: phase.rollback.trigger,
      steps: filled(phase.rollback.steps),
      after: [...phase.rollback.after],
      records: [...parts.gate.rollbacks],
    },
    history: parts.history.map(({ at, by, action, text, request }) => ({
      at,
      ...(by && { by }),
      action,
      text,
      ...(request !== undefined && { request }),
    })),
    ...(evidence?.evaluatedAt !== undefined && { evaluatedAt: evidence.evaluatedAt }),
    ...(evidence && evidence.problem !== '' && { evaluationProblem: evidence.problem }),
  };
}

const withLists = ({ title, text, missing }: ReturnType<typeof fillCommand>) => ({ title, text, missing: [...missing] });

function phaseCheck({ definition, result, met }: ReturnType<typeof checksOf>[number], { checks: edits }: PhaseEdits): PhaseCheck {
  const edit = (kind: CheckEditRow['kind']) => edits.find((row) => row.check === definition.id && row.kind === kind);
  const [acknowledged, attested, threshold] = [edit('acknowledge'), edit('attest'), edit('threshold')];
  const { id, title, kind, source, why, demand, preflight, statement, windowMs } = definition;
  const { status, value, needs, reason, missing, at, figures, objects, passingSince } = result;
  return {
    id,
    title,
    kind,
    source,
    why,
    demand,
    ...(preflight !== undefined && { preflight }),
    status,
    value,
    needs,
    reason,
    missing: [...missing],
    ...(at !== undefined && { at }),
    figures: { ...figures },
    objects: [...objects],
    ...(windowMs !== undefined && { window: { ms: windowMs, ...(passingSince !== undefined && { passingSince }) } }),
    ...(definition.threshold && {
      threshold: {
        comparison: definition.threshold.comparison,
        unit: definition.threshold.unit,
        default: definition.threshold.value,
        value: threshold?.value ?? definition.threshold.value,
        ...(threshold && { changedBy: threshold.by, changedAt: threshold.at }),
      },
    }),
    ...(acknowledged && { acknowledged: { by: acknowledged.by, at: acknowledged.at, reason: acknowledged.text } }),
    ...(attested && { attested: { by: attested.by, at: attested.at, statement: attested.text } }),
    ...(statement !== undefined && { statement }),
    uploads: [...(definition.uploads ?? [])],
    met,
  };
}

/** Worst first. */
const WORST: readonly CheckStatus[] = ['fail', 'unknown', 'pass'];

function phaseStep(
  step: Step,
  checks: readonly PhaseCheck[],
  { ticks }: PhaseEdits,
  filled: (commands: readonly Command[]) => PhaseStep['commands'],
): PhaseStep {
  const own = checks.filter(({ id }) => step.checks.includes(id));
  const status = WORST.find((each) => own.some((check) => check.status === each));
  const tick = ticks.find((row) => row.step === step.id);
  const { id, title, why, role, evidence } = step;
  return {
    id,
    title,
    why,
    role,
    evidence,
    commands: filled(step.commands),
    undo: filled(step.undo),
    links: step.links.map((link) => ({ ...link })),
    checks: [...step.checks],
    ...(status && { status }),
    ...(tick?.done && { done: { by: tick.by, at: tick.at, note: tick.note } }),
    version: tick?.version ?? 0,
  };
}

function seriesOf(phase: PlanPhase, checks: readonly PhaseCheck[], points: readonly PointRow[]): CheckSeries[] {
  return phase.checks.flatMap(({ id, title, threshold }) => {
    const own = points.filter(({ check }) => check === id);
    if (own.length === 0) return [];
    const limit = checks.find((check) => check.id === id)?.threshold?.value;
    return [
      {
        check: id,
        title,
        unit: threshold?.unit ?? '',
        ...(limit !== undefined && { threshold: limit }),
        points: own.map(({ at, value, status }) => ({ at, value, status })),
      },
    ];
  });
}
