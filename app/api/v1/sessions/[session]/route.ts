import { readSessionSubject, revokeSession } from '#lib/db/platform/sessions.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';

export const DELETE = handle('DELETE /api/v1/sessions/{session}', async (call) => {
  const id = call.params['session'] ?? '';
  const subject = await readSessionSubject(id);
  if (subject !== call.actor.subject) call.require('session.revoke', 'organisation');
  const ending = { ...auditContext(call), action: 'session.revoke' as const };
  if (subject === undefined || !(await revokeSession({ id }, Date.now(), ending)))
    throw new CausewayError('not-found', 'there is no such open session');
  return undefined;
});
