import 'server-only';
import type { NamespaceList } from '#lib/api/clusters.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';

const HOUR_MS = 3_600_000;

/** Namespaces seen in the last hour, by the relay or here, with the flows counted here. */
export async function readNamespaces(pipeline: ClusterPipeline): Promise<ReturnType<typeof NamespaceList.parse>> {
  const now = Date.now();
  const flows = new Map<string, number>();
  for (const { flow } of pipeline.ring.before(Number.POSITIVE_INFINITY, { from: now - HOUR_MS, to: Number.POSITIVE_INFINITY })) {
    for (const namespace of new Set([flow.source.namespace, flow.destination.namespace])) {
      if (namespace !== '') flows.set(namespace, (flows.get(namespace) ?? 0) + 1);
    }
  }
  const known = await pipeline.relay.namespaces().catch(() => []);
  const clusters = new Map(known.map(({ namespace, cluster }) => [namespace, cluster]));
  const names = [...new Set([...flows.keys(), ...clusters.keys()])].toSorted();
  return { namespaces: names.map((name) => ({ name, cluster: clusters.get(name) ?? '', flows: flows.get(name) ?? 0 })) };
}
