import { tagged } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { newestHead } from '#lib/usecases/receipts/read-log.ts';

export const GET = handle('GET /api/v1/checkpoint', async (call) => {
  const { cluster } = call.query;
  await call.onCluster(cluster, 'receipt.read');
  const { note } = await newestHead(cluster);
  return tagged(call.request, note, 'text/plain; charset=utf-8');
});
