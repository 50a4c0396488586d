import { handle } from '#lib/http/handle.ts';
import { readRiskRegister } from '#lib/usecases/migration/risks.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/risks', ({ cluster }) => readRiskRegister(cluster.id));
