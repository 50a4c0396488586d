import { handle } from '#lib/http/handle.ts';
import { passOn } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/keys', async (call) => {
  if (call.query.cluster !== undefined) await call.onCluster(call.query.cluster, 'receipt.read');
  return passOn(call);
});
