import { handle } from '#lib/http/handle.ts';
import { readGateRequest } from '#lib/usecases/gates/read-gate.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/gate-requests/{request}', ({ cluster, params }) =>
  readGateRequest(cluster.id, params['request'] ?? ''),
);
