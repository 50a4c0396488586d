import { handle } from '#lib/http/handle.ts';
import { bundleOf, receiptFor } from '#lib/usecases/receipts/read-receipt.ts';

export const GET = handle('GET /api/v1/receipts/{receipt}/bundle', async ({ params, query, onCluster }) => {
  const { stored } = await receiptFor(params['receipt'] ?? '', onCluster);
  const { name, type, text } = bundleOf(stored.receipt, query.format);
  return new Response(text, { headers: { 'content-type': type, 'content-disposition': `attachment; filename="${name}"` } });
});
