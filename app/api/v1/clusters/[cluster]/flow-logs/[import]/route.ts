import { handle } from '#lib/http/handle.ts';
import { passOn } from '#lib/http/pass-on.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/flow-logs/{import}', (call) => passOn(call));

export const DELETE = handle('DELETE /api/v1/clusters/{cluster}/flow-logs/{import}', (call) =>
  passOn(call, { method: 'DELETE' }),
);
