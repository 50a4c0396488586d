import { handle } from '#lib/http/handle.ts';
import { readReceipts } from '#lib/usecases/receipts/list-receipts.ts';

export const GET = handle('GET /api/v1/receipts', async (call) => {
  await call.onCluster(call.query.cluster, 'receipt.read');
  return readReceipts(call.query, Date.now());
});
