import { auditContext } from '#lib/http/audit-context.ts';
import { handle } from '#lib/http/handle.ts';
import { resendDelivery } from '#lib/usecases/webhooks/manage-webhooks.ts';

export const POST = handle('POST /api/v1/webhooks/{webhook}/deliveries/{delivery}', async (call) => {
  await resendDelivery(call.params['webhook'] ?? '', call.params['delivery'] ?? '', auditContext(call));
  return new Response(null, { status: 202 });
});
