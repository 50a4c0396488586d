import 'server-only';
import type { TopologyQuery } from '#lib/api/topology.ts';
import type { Topology } from '#lib/topology/topology.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { rangeOf } from './time-range.ts';

/** A map as asked for; `revision` numbers the live one, for those who follow its deltas. */
export interface ReadMap {
  readonly topology: Topology;
  readonly revision?: string;
}

/** The live window when no range is asked for; else from memory as far as it reaches. */
export async function readTopology(pipeline: ClusterPipeline, query: TopologyQuery, now: number): Promise<ReadMap> {
  const range = rangeOf(query, now);
  const { topology, revision } = range
    ? {
        topology: pipeline.rolling.snapshot(query.level, range.from, range.to, now, pipeline.coverage(range.from, range.to)),
        revision: undefined,
      }
    : pipeline.maps.current(query.level, now);
  const map = query.namespace === undefined ? topology : ofNamespace(topology, query.namespace);
  return { topology: map, ...(revision !== undefined && { revision }) };
}

/** The edges that touch a namespace, and what is at their ends. */
export function ofNamespace(topology: Topology, namespace: string): Topology {
  const inside = new Set(topology.nodes.filter((node) => node.namespace === namespace).map(({ id }) => id));
  const edges = topology.edges.filter(({ source, destination }) => inside.has(source) || inside.has(destination));
  const shown = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  return { ...topology, edges, nodes: topology.nodes.filter(({ id }) => shown.has(id)) };
}
