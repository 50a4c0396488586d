import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { readClusters } from '#lib/db/platform/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { taggedJson } from '#lib/http/etag.ts';
import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';
import { readNetworkMap } from '#lib/usecases/read-network-map.ts';

export const GET = handle('GET /api/v1/network-map/topology', async ({ request, actor, query }) => {
  const seen = (await readClusters()).filter(rightsOf(actor).read).map(({ id }) => id);
  const asked = query.cluster === undefined ? seen : seen.filter((id) => id === query.cluster);
  if (query.cluster !== undefined && asked.length === 0) throw new CausewayError('not-found', 'there is no such cluster');
  return taggedJson(request, await readNetworkMap(asked, ingest()));
});
