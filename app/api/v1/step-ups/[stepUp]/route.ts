import { stepUpParameters } from '#lib/auth/step-up.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { auditActor } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { readOwnStepUp } from '#lib/usecases/step-up/require-step-up.ts';

export const GET = handle('GET /api/v1/step-ups/{stepUp}', async ({ actor, params }) => {
  const stepUp = await readOwnStepUp(auditActor(actor), params['stepUp'] ?? '');
  if (!stepUp) throw new CausewayError('not-found', 'there is no such step-up of yours');
  const { id, purpose, state, reason, createdAt, expiresAt, command, returnTo } = stepUp;
  return { id, purpose, state, reason, askedAt: createdAt, expiresAt, ...stepUpParameters(), command, returnTo };
});
