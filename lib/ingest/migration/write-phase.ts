import 'server-only';
import { enqueueEvent } from '#lib/db/webhooks/enqueue.ts';
import { voidRequests } from '#lib/db/gates/stale.ts';
import { noteChange, noteReading } from '#lib/db/migration/changes.ts';
import type { PhaseEdits } from '#lib/db/migration/edits.ts';
import { type EvidenceRow, lockEvidence, newestPoint, writeEvidence, writePoints } from '#lib/db/migration/evidence.ts';
import type { MemberCluster, MigrationRow } from '#lib/db/migration/migrations.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import type { CheckResult } from '#lib/migration/check.ts';
import { thresholdText } from '#lib/migration/evaluate/measure.ts';
import { checksOf } from '#lib/migration/phase-state.ts';
import type { PlanPhase } from '#lib/migration/plan/model.ts';
import { type EvidenceSnapshot, snapshotOf } from '#lib/migration/snapshot.ts';
import type { ReadEvidence } from '../judge/answers/evidence.ts';
import type { PhaseToRead } from './read-asks.ts';

/** A phase that was read, ready to be written. */
export interface PhaseRead extends PhaseToRead {
  readonly migration: MigrationRow;
  readonly member: MemberCluster;
  readonly phase: PlanPhase;
  readonly results: readonly CheckResult[];
  readonly cluster: Omit<ReadEvidence, 'phases' | 'values'>;
  /** Who uploaded files that checks of the phase look at. */
  readonly uploaders: readonly string[];
}

/** Two points of a series are so far apart at least: people may ask for a reading every second. */
const POINT_MS = 60_000;

/**
 * Writes what was read of a phase, in one transaction with all that follows: a snapshot where the evidence is another one, requests that rested on the
 * one before void, checks that turned told to those who watch and to webhooks. What somebody wrote meanwhile from a newer reading stays.
 */
export async function writePhase(tx: Prisma.TransactionClient, read: PhaseRead): Promise<void> {
  const { row, member, phase, results } = read;
  const before = await lockEvidence(tx, member.id, phase.phase);
  if (!before || before.evaluatedVersion > row.inputsVersion) return;
  const snapshot = snapshotOfPhase(read);
  await writeEvidence(tx, {
    cluster: member.id,
    phase: phase.phase,
    snapshot,
    met: isMetAll(read),
    results,
    contributors: contributorsOf(read),
    evaluatedVersion: row.inputsVersion,
  });
  await writeFigures(tx, read);
  await tellTurns(tx, read, before);
  if (before.hash === snapshot.hash) {
    // It says the same, and rests on everything again: gates that waited for that may move.
    if (before.evaluatedVersion < row.inputsVersion) await noteReading(tx, member.id, phase.phase);
    return;
  }
  await noteChange(tx, {
    cluster: member.id,
    phase: phase.phase,
    what: 'evidence',
    action: 'evidence.changed',
    text: 'the evidence changed',
  });
  await voidRequests(tx, { cluster: member.id, phase: phase.phase, hash: snapshot.hash, reason: reasonOf(read, before) });
}

function snapshotOfPhase({ migration, member, phase, results, edits, cluster }: PhaseRead): EvidenceSnapshot {
  const acknowledged = acknowledgedIn(edits);
  const done = doneIn(edits);
  return snapshotOf({
    plan_version: migration.planVersion,
    revision: migration.revision,
    cluster: member.id,
    environment: member.environment,
    phase: phase.phase,
    checks: checksOf(phase, results, acknowledged).map(({ definition, result, isAcknowledged }) => ({
      id: definition.id,
      status: result.status,
      threshold: thresholdText(limitOf(definition, edits)),
      acknowledged: isAcknowledged,
    })),
    checklist: phase.steps.map(({ id }) => ({ step: id, done: done.has(id) })),
    policy_set_hash: cluster.policySetHash,
    facts: {
      cilium_version: cluster.ciliumVersion,
      kubernetes_version: cluster.kubernetesVersion,
      values_hash: cluster.valuesHash,
      node_list_hash: cluster.nodeListHash,
    },
  });
}

function limitOf({ id, threshold }: PlanPhase['checks'][number], { checks }: PhaseEdits) {
  const edit = checks.find((each) => each.kind === 'threshold' && each.check === id);
  return threshold && { ...threshold, value: edit?.value ?? threshold.value };
}

const acknowledgedIn = ({ checks }: PhaseEdits): ReadonlySet<string> =>
  new Set(checks.filter(({ kind }) => kind === 'acknowledge').map(({ check }) => check));
const doneIn = ({ ticks }: PhaseEdits): ReadonlySet<string> => new Set(ticks.filter(({ done }) => done).map(({ step }) => step));

const isMetAll = ({ phase, results, edits }: PhaseRead): boolean =>
  checksOf(phase, results, acknowledgedIn(edits)).every(({ met }) => met) && phase.steps.every(({ id }) => doneIn(edits).has(id));

/** Whoever made evidence of the phase, or the plan it stands on, approves nothing on it. */
function contributorsOf({ migration, edits, uploaders }: PhaseRead): string[] {
  const people = [migration.revisedBy, ...edits.checks.map(({ by }) => by.subject), ...uploaders];
  return [...new Set(people)].toSorted();
}

async function writeFigures(tx: Prisma.TransactionClient, { member, phase, results }: PhaseRead): Promise<void> {
  const now = Date.now();
  const newest = await newestPoint(tx, member.id, phase.phase);
  if (newest !== undefined && now - newest < POINT_MS) return;
  const moving = new Set(phase.checks.filter(({ kind, threshold }) => kind !== 'attestation' && threshold).map(({ id }) => id));
  const points = results.flatMap(({ check, status, figures }) => {
    const value = figures['value'];
    return moving.has(check) && value !== undefined ? [{ check, status, value }] : [];
  });
  await writePoints(tx, member.id, phase.phase, points, new Date(now));
}

/** Checks that say something else than before. At the first reading nothing has turned. */
function turnsOf({ phase, results }: PhaseRead, before: EvidenceRow) {
  const known = new Map(before.results.map(({ check, status }) => [check, status]));
  const titles = new Map(phase.checks.map(({ id, title }) => [id, title]));
  return results.flatMap(({ check, status, reason }) => {
    const was = known.get(check);
    return was === undefined || was === status ? [] : [{ check, title: titles.get(check) ?? check, status, reason }];
  });
}

const VERBS = { pass: 'passes', fail: 'fails', unknown: 'cannot be told any more' } as const;

async function tellTurns(tx: Prisma.TransactionClient, read: PhaseRead, before: EvidenceRow): Promise<void> {
  const { member, phase } = read;
  const place = { cluster: member.id, phase: phase.phase };
  for (const { check, title, status, reason } of turnsOf(read, before)) {
    const action = { pass: 'check.passed', fail: 'check.failed', unknown: 'check.unknown' }[status];
    await noteChange(tx, { ...place, what: 'check', action, text: `“${title}” ${VERBS[status]}: ${reason}` });
    if (status === 'unknown') continue;
    await enqueueEvent(tx, {
      ...place,
      event: status === 'pass' ? 'check.passed' : 'check.failed',
      environment: member.environment,
      text: `${title} ${VERBS[status]}, phase ${phase.phase} in ${member.environment}.`,
      data: { check, status },
    });
  }
}

/** Why requests on the evidence before do not count any more. */
function reasonOf(read: PhaseRead, before: EvidenceRow): string {
  const turned = turnsOf(read, before);
  const [first] = turned;
  if (!first) return 'the evidence changed after the request';
  const others = turned.length > 1 ? ` and ${turned.length - 1} more` : '';
  return `“${first.title}”${others} ${turned.length > 1 ? 'changed' : VERBS[first.status]} after the request`;
}
