import { handle } from '#lib/http/handle.ts';
import { readFindings } from '#lib/usecases/findings/read-findings.ts';

export const GET = handle('GET /api/v1/findings', async (call) => {
  await call.onCluster(call.query.cluster, 'receipt.read');
  return readFindings(call.query, Date.now());
});
