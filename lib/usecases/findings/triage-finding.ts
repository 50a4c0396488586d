import 'server-only';
import type { FindingEntry, FindingTriage } from '#lib/api/receipts.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { writeTriage } from '#lib/db/findings/triage.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { readFinding } from './read-findings.ts';

/**
 * Says what becomes of a finding. `expected` needs a note that tells why: it is the one state in which a finding that goes on is nobody's work.
 * Throws `bad-input` without one, `conflict` when someone else was faster, with their name.
 */
export async function triageFinding(
  id: string,
  edit: FindingTriage,
  context: AuditContext,
  now = Date.now(),
): Promise<FindingEntry> {
  if (edit.state === 'expected' && edit.note === '')
    throw new CausewayError('bad-input', 'note: say why it is expected', { place: { field: 'note' } });
  if (await writeTriage(id, edit, context, now)) return readFinding(id);
  const { changedBy = 'Someone', state } = await readFinding(id);
  throw new CausewayError('conflict', `${changedBy} has just changed this finding: it is ${state} now. Look at it again.`);
}
