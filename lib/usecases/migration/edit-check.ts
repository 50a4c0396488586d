import 'server-only';
import type { CheckEdit } from '#lib/api/migration.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { type CheckEditKind, deleteCheckEdit, writeCheckEdit } from '#lib/db/migration/edits.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { CheckDefinition } from '#lib/migration/check.ts';
import type { Phase } from '#lib/migration/model.ts';
import { type EditContext, type EditNote, editorOf, editPhase } from './edit.ts';

/**
 * Attests, acknowledges or sets the threshold of a check; null takes it back. Who may do which is for the caller to have asked. Throws `not-found` for
 * a check that is none of the phase, `bad-input` for what this check does not take.
 */
export function editCheck(context: EditContext, phase: Phase, id: string, edit: CheckEdit): Promise<void> {
  return editPhase(context, phase, async (tx, place) => {
    const check = place.phase.checks.find((known) => known.id === id);
    if (!check) throw new CausewayError('not-found', 'the plan has no such check here');
    refuseUnfit(check, edit);
    await store(tx, context, phase, check, edit);
    return noteOf(check, edit);
  });
}

function refuseUnfit(check: CheckDefinition, edit: CheckEdit): void {
  const unfit = (message: string) => new CausewayError('bad-input', message, { place: { field: 'edit' } });
  if (edit.edit === 'attest' && check.kind !== 'attestation')
    throw unfit('this check is not decided by a statement; it is read from the cluster, its traffic or a file');
  if (edit.edit === 'acknowledge' && check.demand !== 'acknowledge')
    throw unfit('nobody can take this check on: the gate does not open before it passes');
  if (edit.edit === 'threshold' && !check.threshold) throw unfit('this check has no threshold');
}

async function store(
  tx: Prisma.TransactionClient,
  context: EditContext,
  phase: Phase,
  { id }: CheckDefinition,
  edit: CheckEdit,
): Promise<void> {
  const { kind, text, value } = storedForm(edit);
  const { cluster } = context;
  if (text !== undefined) return writeCheckEdit(tx, { cluster, phase, check: id, kind, text, value, by: editorOf(context) });
  if (!(await deleteCheckEdit(tx, cluster, phase, id, kind)))
    throw new CausewayError('conflict', 'there is nothing to take back: someone else was faster');
}

/** Without a text it is taken back. */
function storedForm(edit: CheckEdit): { kind: CheckEditKind; text: string | undefined; value: number | undefined } {
  switch (edit.edit) {
    case 'attest':
      return { kind: 'attest', text: edit.statement ?? undefined, value: undefined };
    case 'acknowledge':
      return { kind: 'acknowledge', text: edit.reason ?? undefined, value: undefined };
    case 'threshold':
      return { kind: 'threshold', text: edit.value === null ? undefined : edit.reason, value: edit.value ?? undefined };
  }
}

function noteOf({ id, title }: CheckDefinition, edit: CheckEdit): EditNote {
  const object = { type: 'check', id };
  switch (edit.edit) {
    case 'attest':
      return {
        action: 'check.attest',
        object,
        reason: edit.statement ?? '',
        details: { given: edit.statement !== null },
        change: {
          what: 'check',
          action: 'check.attested',
          text: edit.statement === null ? `took back the statement on “${title}”` : `attested “${title}”`,
        },
      };
    case 'acknowledge':
      return {
        action: 'check.acknowledge',
        object,
        reason: edit.reason ?? '',
        details: { given: edit.reason !== null },
        change: {
          what: 'check',
          action: 'check.acknowledged',
          text: edit.reason === null ? `no longer takes on “${title}”` : `took on “${title}”: ${edit.reason}`,
        },
      };
    case 'threshold':
      return {
        action: 'check.threshold',
        object,
        reason: edit.reason,
        details: { value: edit.value ?? 'default' },
        change: {
          what: 'check',
          action: 'check.threshold',
          text: `set the threshold of “${title}” to ${edit.value ?? 'that of the plan'}: ${edit.reason}`,
        },
      };
  }
}
