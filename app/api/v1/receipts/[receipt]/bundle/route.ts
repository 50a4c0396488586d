import { handle } from '#lib/http/handle.ts';
import { bundleOf, receiptFor } from '#lib/usecases/receipts/read-receipt.ts';

export const GET = handle('GET /api/v1/receipts/{receipt}/bundle', async (call) => {
  const { stored } = await receiptFor(call.params['receipt'] ?? '', call);
  const { name, type, text } = bundleOf(stored.receipt, call.query.format);
  return new Response(text, { headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` } });
});
