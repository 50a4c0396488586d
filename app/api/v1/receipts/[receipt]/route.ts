import { handle } from '#lib/http/handle.ts';
import { detailOf, receiptFor } from '#lib/usecases/receipts/read-receipt.ts';

export const GET = handle('GET /api/v1/receipts/{receipt}', async (call) =>
  detailOf(await receiptFor(call.params['receipt'] ?? '', call)),
);
