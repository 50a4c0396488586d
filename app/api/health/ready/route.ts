import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { checkReadiness } from '#lib/usecases/check-readiness.ts';

export const GET = handle('GET /api/health/ready', async () => {
  const readiness = await checkReadiness(ingest());
  return Response.json(readiness, { status: readiness.ready ? 200 : 503 });
});
