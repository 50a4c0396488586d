import 'server-only';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { withDatabase } from '../client.ts';
import type { CheckEdit, Prisma, StepTick } from '../generated/client.ts';

/** A person as edits name them. */
export interface Editor {
  readonly subject: string;
  readonly name: string;
}

/** A tick, or one that was taken back. Times are Unix milliseconds. */
export interface TickRow {
  readonly step: string;
  readonly done: boolean;
  readonly note: string;
  readonly by: Editor;
  readonly at: number;
  readonly version: number;
}

export type CheckEditKind = 'attest' | 'acknowledge' | 'threshold';

/** What a person says of a check. */
export interface CheckEditRow {
  readonly check: string;
  readonly kind: CheckEditKind;
  /** Statement of an attestation, reason of the others. */
  readonly text: string;
  /** Of a threshold. */
  readonly value: number | undefined;
  readonly by: Editor;
  readonly at: number;
}

export interface PhaseEdits {
  readonly ticks: readonly TickRow[];
  readonly checks: readonly CheckEditRow[];
}

/** What people did for each phase of these clusters. */
export const readEdits = (clusters: readonly string[]): Promise<(cluster: string, phase: Phase) => PhaseEdits> =>
  withDatabase(async (db) => {
    const where = { clusterId: { in: [...clusters] } };
    const ticks = await db.stepTick.findMany({ where });
    const checks = await db.checkEdit.findMany({ where });
    return (cluster, phase) => ({
      ticks: ticks.filter((tick) => tick.clusterId === cluster && tick.phase === phase).map(tickOf),
      checks: checks.filter((edit) => edit.clusterId === cluster && edit.phase === phase).map(checkEditOf),
    });
  });

/** What people did for a phase of a cluster, within a transaction. */
export async function editsOf(tx: Prisma.TransactionClient, cluster: string, phase: Phase): Promise<PhaseEdits> {
  const where = { clusterId: cluster, phase };
  const ticks = await tx.stepTick.findMany({ where });
  const checks = await tx.checkEdit.findMany({ where });
  return { ticks: ticks.map(tickOf), checks: checks.map(checkEditOf) };
}

const tickOf = ({ stepId, done, note, bySubject, byName, at, version }: StepTick): TickRow => ({
  step: stepId,
  done,
  note,
  by: { subject: bySubject, name: byName },
  at: at.getTime(),
  version,
});

const checkEditOf = ({ checkId, kind, text, value, bySubject, byName, at }: CheckEdit): CheckEditRow => ({
  check: checkId,
  kind: kind as CheckEditKind, // the table takes no other
  text,
  value: value ?? undefined,
  by: { subject: bySubject, name: byName },
  at: at.getTime(),
});

/** Says that what people did for these phases changed: their evidence is not current until it is read anew. */
export async function touchInputs(
  tx: Prisma.TransactionClient,
  cluster: string,
  phases: readonly Phase[] = PHASES,
): Promise<void> {
  await tx.phaseEvidence.updateMany({
    where: { clusterId: cluster, phase: { in: [...phases] } },
    data: { inputsVersion: { increment: 1 } },
  });
}

export interface NewTick {
  readonly cluster: string;
  readonly phase: Phase;
  readonly step: string;
  readonly done: boolean;
  readonly note: string;
  readonly by: Editor;
  /** Of the tick that the person saw; 0 when there was none. */
  readonly version: number;
}

/** Writes a tick unless somebody else was faster: false then. Of two at once one is written. */
export async function writeTick(tx: Prisma.TransactionClient, tick: NewTick): Promise<boolean> {
  const { cluster, phase, step, done, note, by, version } = tick;
  const written =
    version === 0
      ? await tx.$executeRaw`INSERT INTO "step_tick" ("cluster_id", "step_id", "phase", "done", "note", "by_subject", "by_name")
          VALUES (${cluster}, ${step}, ${phase}, ${done}, ${note}, ${by.subject}, ${by.name}) ON CONFLICT DO NOTHING`
      : await tx.$executeRaw`UPDATE "step_tick" SET "done" = ${done}, "note" = ${note}, "by_subject" = ${by.subject}, "by_name" = ${by.name},
          "at" = now(), "version" = "version" + 1
          WHERE "cluster_id" = ${cluster} AND "step_id" = ${step} AND "version" = ${version}`;
  return written === 1;
}

export interface NewCheckEdit extends Omit<CheckEditRow, 'at'> {
  readonly cluster: string;
  readonly phase: Phase;
}

/** Writes what a person says of a check, in place of what was said before. */
export async function writeCheckEdit(tx: Prisma.TransactionClient, edit: NewCheckEdit): Promise<void> {
  const { cluster, phase, check, kind, text, value, by } = edit;
  await tx.$executeRaw`INSERT INTO "check_edit" ("cluster_id", "phase", "check_id", "kind", "text", "value", "by_subject", "by_name")
    VALUES (${cluster}, ${phase}, ${check}, ${kind}, ${text}, ${value ?? null}, ${by.subject}, ${by.name})
    ON CONFLICT ("cluster_id", "phase", "check_id", "kind") DO UPDATE SET "text" = excluded."text", "value" = excluded."value",
      "by_subject" = excluded."by_subject", "by_name" = excluded."by_name", "at" = now()`;
}

/** Takes it back. Whether there was anything to take back. */
export async function deleteCheckEdit(
  tx: Prisma.TransactionClient,
  cluster: string,
  phase: Phase,
  check: string,
  kind: CheckEditKind,
): Promise<boolean> {
  const { count } = await tx.checkEdit.deleteMany({ where: { clusterId: cluster, phase, checkId: check, kind } });
  return count > 0;
}
