import { handle } from '#lib/http/handle.ts';
import { proveConsistency } from '#lib/usecases/receipts/read-log.ts';

export const GET = handle('GET /api/v1/consistency', async (call) => {
  await call.onCluster(call.query.cluster, 'receipt.read');
  return proveConsistency(call.query);
});
