import { readSessionSubject, revokeSessions } from '#lib/db/platform/sessions.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';

export const DELETE = handle('DELETE /api/v1/sessions/{session}', async (call) => {
  const id = call.params['session'] ?? '';
  const subject = await readSessionSubject(id);
  if (subject !== call.actor.subject) call.require('session.revoke', 'organisation');
  if (subject === undefined || !(await revokeSessions({ id }, Date.now())))
    throw new CausewayError('not-found', 'there is no such open session');
  return undefined;
});
