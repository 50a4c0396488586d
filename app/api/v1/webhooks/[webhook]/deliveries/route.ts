import { readDeliveries } from '#lib/db/webhooks/deliveries.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/v1/webhooks/{webhook}/deliveries', async ({ params }) => {
  const deliveries = await readDeliveries(params['webhook'] ?? '');
  if (!deliveries) throw new CausewayError('not-found', 'there is no such webhook');
  return { deliveries };
});
