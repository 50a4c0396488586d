import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { auditContext } from '#lib/http/audit-context.ts';
import { versionTag } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { noStates, readClusterStates } from '#lib/usecases/cluster-states.ts';
import { clusterOf, listClusters } from '#lib/usecases/list-clusters.ts';
import { addCluster } from '#lib/usecases/save-cluster.ts';

export const GET = handle('GET /api/v1/clusters', async ({ actor }) => ({
  clusters: await listClusters(rightsOf(actor), () => readClusterStates(ingest())),
}));

export const POST = handle('POST /api/v1/clusters', async (call) => {
  const { actor, body } = call;
  const row = await addCluster(body, ingest(), auditContext(call));
  const states = await readClusterStates(ingest()).catch(noStates);
  return Response.json(clusterOf(row, states, rightsOf(actor)), {
    status: 201,
    headers: { location: `/api/v1/clusters/${row.id}`, etag: versionTag(row.version) },
  });
});
