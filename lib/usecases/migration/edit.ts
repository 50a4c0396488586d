import 'server-only';
import type { AuditAction } from '#lib/audit-log/actions.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { IngestClient } from '#lib/bus/ingest-client.ts';
import { appendAudit } from '#lib/db/audit-log/append.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { type NewChange, noteChange } from '#lib/db/migration/changes.ts';
import { type Editor, touchInputs } from '#lib/db/migration/edits.ts';
import { lockMigrationOf, type MigrationRow } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { PHASES, type Phase } from '#lib/migration/model.ts';
import { phaseOf, planOf } from '#lib/migration/plan/plan.ts';
import type { PlanPhase } from '#lib/migration/plan/model.ts';
import { evaluateSoon } from './evaluate-now.ts';

/** Who edits what, and whom to ask for a fresh reading of the evidence afterwards. */
export interface EditContext {
  readonly cluster: string;
  readonly audit: AuditContext;
  readonly ingest: IngestClient;
}

export const editorOf = ({ audit: { actor } }: Pick<EditContext, 'audit'>): Editor => ({
  subject: actor.subject,
  name: actor.name,
});

/** What an edit tells: a line of the audit log and one for those who watch. */
export interface EditNote {
  readonly action: AuditAction;
  readonly object: { readonly type: string; readonly id: string };
  readonly reason?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly change: Pick<NewChange, 'what' | 'text' | 'action'>;
}

/**
 * An edit of a phase by a person: the migration is locked, `work` writes, and in the same transaction the evidence is said to be out of date, the
 * audit log gets its row and those who watch are told. Then the evidence is read anew, whether or not ingest answers, and `waitMs`
 * is how long the person waits for that: what comes later is told to those who watch.
 */
export async function editPhase(
  context: EditContext,
  phase: Phase,
  work: (
    tx: Prisma.TransactionClient,
    place: { readonly migration: MigrationRow; readonly phase: PlanPhase },
  ) => Promise<EditNote>,
  waitMs?: number,
): Promise<void> {
  await inTransaction(async (tx) => {
    const migration = await lockMigrationOf(tx, context.cluster);
    const note = await work(tx, { migration, phase: editablePhase(migration, phase) });
    await touchInputs(tx, context.cluster, [phase]);
    await tellEdit(tx, context, note, phase);
  });
  await evaluateSoon(context.ingest, context.cluster, phase, waitMs);
}

/** The audit row and the note of an edit, in its transaction and last of all. */
export async function tellEdit(
  tx: Prisma.TransactionClient,
  context: Pick<EditContext, 'cluster' | 'audit'>,
  { change, ...note }: EditNote,
  phase?: Phase,
): Promise<void> {
  const { cluster, audit } = context;
  await noteChange(tx, { cluster, ...(phase !== undefined && { phase }), by: editorOf(context), ...change });
  await appendAudit(tx, {
    ...audit,
    ...note,
    outcome: 'ok',
    cluster,
    details: { ...note.details, ...(phase !== undefined && { phase }) },
  });
}

/** The phase of the plan that a migration walks. Throws `conflict` when the console does not have its version any more: nobody decides by a plan that is gone. */
export function editablePhase({ planVersion, choices }: MigrationRow, phase: Phase): PlanPhase {
  const plan = planOf(planVersion);
  if (!plan) throw planGone(planVersion);
  return phaseOf(plan, phase, choices);
}

export const planGone = (version: string): CausewayError =>
  new CausewayError(
    'conflict',
    `this console does not have version ${version} of the plan any more; an admin can move the migration on to the newest one`,
  );

/** A phase as paths name it. Throws `not-found` for a number that is none. */
export function phaseParam(text: string | undefined): Phase {
  const phase = PHASES.find((known) => String(known) === text);
  if (phase === undefined) throw new CausewayError('not-found', `there is no phase ${text?.slice(0, 20)}: 0 to 4`);
  return phase;
}
