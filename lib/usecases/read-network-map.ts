import 'server-only';
import { TopologyJson, type NetworkMap } from '#lib/api/topology.ts';
import { errorOfAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';

/** The live maps of `clusters` as one, at workload level. `last_updated` is that of the newest flow in any of them. */
export async function readNetworkMap(clusters: readonly string[], ingest: IngestClient): Promise<NetworkMap> {
  const maps = await Promise.all(clusters.map((cluster) => readMap(cluster, ingest)));
  return {
    nodes: maps.flatMap(({ cluster, nodes }) => nodes.map((node) => ({ ...node, cluster }))),
    edges: maps.flatMap(({ cluster, edges }) => edges.map((edge) => ({ ...edge, cluster }))),
    last_updated: new Date(Math.max(0, ...maps.map(({ lastUpdated }) => lastUpdated))).toISOString(),
  };
}

async function readMap(cluster: string, ingest: IngestClient): Promise<TopologyJson> {
  const { status, body } = await ingest.ask(`/clusters/${encodeURIComponent(cluster)}/topology`);
  if (status !== 200) throw errorOfAnswer(status, body);
  return TopologyJson.parse(JSON.parse(body.toString('utf8')));
}
