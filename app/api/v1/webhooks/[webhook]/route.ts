import { config } from '#lib/config/config.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { versionOfIfMatch, versionTag } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { changeWebhook, removeWebhook } from '#lib/usecases/webhooks/manage-webhooks.ts';

export const PUT = handle('PUT /api/v1/webhooks/{webhook}', async (call) => {
  const { params, request, body } = call;
  const version = versionOfIfMatch(request.headers);
  const webhook = await changeWebhook(params['webhook'] ?? '', version, body, auditContext(call), config().webhooks);
  return Response.json(webhook, { headers: { etag: versionTag(webhook.version) } });
});

export const DELETE = handle('DELETE /api/v1/webhooks/{webhook}', (call) =>
  removeWebhook(call.params['webhook'] ?? '', auditContext(call)),
);
