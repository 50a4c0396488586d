import { handle } from '#lib/http/handle.ts';
import { listBatches } from '#lib/usecases/receipts/read-batches.ts';

export const GET = handle('GET /api/v1/batches', async ({ query, onCluster }) => {
  await onCluster(query.cluster, 'receipt.read');
  return listBatches(query);
});
