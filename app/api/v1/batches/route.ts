import { handle } from '#lib/http/handle.ts';
import { listBatches } from '#lib/usecases/receipts/read-batches.ts';

export const GET = handle('GET /api/v1/batches', async (call) => {
  await call.onCluster(call.query.cluster, 'receipt.read');
  return listBatches(call.query);
});
