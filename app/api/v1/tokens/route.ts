import { readTokens } from '#lib/db/platform/tokens.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { createToken } from '#lib/usecases/create-token.ts';

export const GET = handle('GET /api/v1/tokens', async () => ({ tokens: await readTokens() }));

export const POST = handle('POST /api/v1/tokens', (call) =>
  createToken({ ...call.body, createdBy: call.actor.subject }, auditContext(call)),
);
