import { config } from '#lib/config/config.ts';
import { readWebhooks } from '#lib/db/webhooks/webhooks.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { addWebhook } from '#lib/usecases/webhooks/manage-webhooks.ts';

export const GET = handle('GET /api/v1/webhooks', async () => ({
  webhooks: await readWebhooks(Date.now()),
  allowed: [...config().webhooks.origins],
}));

export const POST = handle('POST /api/v1/webhooks', (call) => addWebhook(call.body, auditContext(call), config().webhooks));
