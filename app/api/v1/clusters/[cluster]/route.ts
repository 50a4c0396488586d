import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { versionOfIfMatch, versionTag } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { noStates, readClusterStates } from '#lib/usecases/cluster-states.ts';
import { deleteCluster } from '#lib/usecases/delete-cluster.ts';
import { clusterOf } from '#lib/usecases/list-clusters.ts';
import { changeCluster } from '#lib/usecases/save-cluster.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}', async ({ actor, cluster }) => {
  const states = await readClusterStates(ingest()).catch(noStates);
  return Response.json(clusterOf(cluster, states, rightsOf(actor)), { headers: { etag: versionTag(cluster.version) } });
});

export const PUT = handle('PUT /api/v1/clusters/{cluster}', async (call) => {
  const { request, actor, cluster, body } = call;
  const row = await changeCluster(cluster, versionOfIfMatch(request.headers), body, ingest(), auditContext(call));
  const states = await readClusterStates(ingest()).catch(noStates);
  return Response.json(clusterOf(row, states, rightsOf(actor)), { headers: { etag: versionTag(row.version) } });
});

export const DELETE = handle('DELETE /api/v1/clusters/{cluster}', (call) =>
  deleteCluster(call.cluster.id, ingest(), auditContext(call)),
);
