import { revokeTokenRow } from '#lib/db/platform/tokens.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';

export const DELETE = handle('DELETE /api/v1/tokens/{token}', async ({ params }) => {
  if (!(await revokeTokenRow(params['token'] ?? '', Date.now())))
    throw new CausewayError('not-found', 'there is no such token that is still valid');
  return undefined;
});
