import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { handle } from '#lib/http/handle.ts';
import { streamOfChanges } from '#lib/http/migration-stream.ts';
import { seenClusters } from '#lib/usecases/migration/read-migration.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/stream', (call) =>
  streamOfChanges(call, () => seenClusters(call.cluster.id, rightsOf(call.actor).read)),
);
