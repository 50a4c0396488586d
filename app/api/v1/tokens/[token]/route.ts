import { revokeTokenRow } from '#lib/db/platform/tokens.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';

export const DELETE = handle('DELETE /api/v1/tokens/{token}', async (call) => {
  if (!(await revokeTokenRow(call.params['token'] ?? '', Date.now(), auditContext(call))))
    throw new CausewayError('not-found', 'there is no such token that is still valid');
  return undefined;
});
