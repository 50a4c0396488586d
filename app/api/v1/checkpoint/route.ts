import { tagged } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { newestHead } from '#lib/usecases/receipts/read-log.ts';

export const GET = handle('GET /api/v1/checkpoint', async ({ query, request, onCluster }) => {
  await onCluster(query.cluster, 'receipt.read');
  const { note } = await newestHead(query.cluster);
  return tagged(request, note, 'text/plain; charset=utf-8');
});
