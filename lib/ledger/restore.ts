import type { TrafficNode } from '#lib/topology/directory.ts';
import { EdgeCounters } from '#lib/topology/counters.ts';
import type { RollingTopology } from '#lib/topology/rolling.ts';
import type { NodeRollup, Rollup } from './rollup.ts';

/**
 * Fills a rolling topology from stored rollups of minutes, so that a restarted process does not show an empty map. Which pods there were is not stored:
 * at pod level a workload stands for those of before the restart.
 */
export function restoreRolling(rolling: RollingTopology, rollups: Iterable<Rollup>): void {
  const { directory } = rolling.attribution;
  const nodeOf = (node: NodeRollup, time: number): TrafficNode =>
    node.namespace === ''
      ? directory.outside(node.id, node.kind)
      : directory.pod({
          namespace: node.namespace,
          name: node.name,
          workload: node.name,
          workloadKind: node.workload_kind,
          kind: node.kind,
          time,
        });
  for (const rollup of rollups) {
    const nodes = new Map(rollup.nodes.map((node) => [node.id, node]));
    for (const edge of rollup.edges) {
      const source = nodes.get(edge.source);
      const destination = nodes.get(edge.destination);
      if (!source || !destination) continue;
      const counters = EdgeCounters.ofJson(edge.counters);
      const time = counters.lastSeen;
      const restored = directory.edge(nodeOf(source, time), nodeOf(destination, time), edge.protocol, edge.port, time);
      for (const each of [restored, restored.workload, restored.group]) {
        if (edge.l7 !== '') each.l7 = edge.l7;
        each.metricsPath ||= edge.metrics_path;
      }
      restored.seenSince(counters.firstSeen);
      restored.lastSeen = Math.max(restored.lastSeen, counters.lastSeen);
      rolling.restore(restored, rollup.bucket, counters);
    }
  }
}
