import type { MapEdge, MapNode, Topology, TopologyDelta } from '#lib/topology/topology.ts';

/** `topology` after `delta`. Nodes and edges that did not change keep their identity, so that views can skip them. */
export function applyDelta(topology: Topology, delta: TopologyDelta): Topology {
  return {
    ...topology,
    from: delta.from,
    to: delta.to,
    lastUpdated: delta.lastUpdated,
    coverage: delta.coverage,
    nodes: merge(topology.nodes, delta.nodes, delta.removedNodes, ({ id }: MapNode) => id),
    edges: merge(topology.edges, delta.edges, delta.removedEdges, ({ key }: MapEdge) => key),
  };
}

/** `current` with `changed` in the place of their predecessors, new ones at the end and `removed` gone; the same array when nothing changed. */
function merge<T>(
  current: readonly T[],
  changed: readonly T[],
  removed: readonly string[],
  keyOf: (item: T) => string,
): readonly T[] {
  if (changed.length === 0 && removed.length === 0) return current;
  const next = new Map(changed.map((item) => [keyOf(item), item]));
  const gone = new Set(removed);
  const merged: T[] = [];
  for (const item of current) {
    const key = keyOf(item);
    const replacement = next.get(key);
    next.delete(key);
    if (replacement !== undefined) merged.push(replacement);
    else if (!gone.has(key)) merged.push(item);
  }
  merged.push(...next.values());
  return merged;
}
