import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import { topologyOfRollups } from '#lib/ledger/rollup-topology.ts';
import type { Level, Topology } from '#lib/topology/topology.ts';
import { type History, stepFor } from './history.ts';
import type { TimeRange } from './ring.ts';

/** The map of a window: from memory as far as it reaches back, which alone knows pods; else from rollups. */
export async function readTopology(history: History, level: Level, range: TimeRange, now: number): Promise<Topology> {
  const { from, to } = range;
  if (from >= history.rolling.heldFrom) {
    return history.rolling.snapshot(level, from, to, now, await history.coverage(undefined, range));
  }
  if (level === 'pod') {
    throw new CausewayError(
      'bad-request',
      'pods are kept for an hour only; choose level workload or namespace for an earlier time',
      {
        place: { parameter: 'level' },
      },
    );
  }
  const rollups = await history.rollups(range, stepFor(range));
  const coverage = await history.coverage(rollups, range);
  return topologyOfRollups(rollups, { cluster: history.cluster, level, from, to, now, coverage });
}

/** The edges that touch a namespace, and what is at their ends. */
export function ofNamespace(topology: Topology, namespace: string): Topology {
  const inside = new Set(topology.nodes.filter((node) => node.namespace === namespace).map(({ id }) => id));
  const edges = topology.edges.filter(({ source, destination }) => inside.has(source) || inside.has(destination));
  const shown = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  return { ...topology, edges, nodes: topology.nodes.filter(({ id }) => shown.has(id)) };
}
