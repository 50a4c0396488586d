import { idleSince } from '#lib/auth/actor.ts';
import { readSessions } from '#lib/db/platform/sessions.ts';
import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/v1/sessions', async (call) => {
  const { actor, query } = call;
  const everybody = query.all === 'true';
  if (everybody) call.require('session.read', 'organisation');
  const now = Date.now();
  const sessions = await readSessions(
    { ...(!everybody && { subject: actor.subject }), current: actor.sessionId },
    now,
    idleSince(now),
  );
  return { sessions };
});
