import { handle } from '#lib/http/handle.ts';
import { detailOf, receiptFor } from '#lib/usecases/receipts/read-receipt.ts';

export const GET = handle('GET /api/v1/receipts/{receipt}', async ({ params, onCluster }) => {
  const { stored, cluster } = await receiptFor(params['receipt'] ?? '', onCluster);
  return detailOf(stored, cluster);
});
