import 'server-only';
import type { TopologyQuery } from '#lib/api/topology.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { topologyOfRollups } from '#lib/ledger/rollup-topology.ts';
import type { Level, Topology } from '#lib/topology/topology.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { coverageOf, rollupsOf, stepFor } from './history.ts';
import type { TimeRange } from './ring.ts';
import { rangeOf } from './time-range.ts';

/** A map as asked for; `revision` numbers the live one, for those who follow its deltas. */
export interface ReadMap {
  readonly topology: Topology;
  readonly revision?: string;
}

/** The live window when no range is asked for; a range from memory as far as it reaches back, else from what is stored. */
export async function readTopology(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  query: TopologyQuery,
  now: number,
): Promise<ReadMap> {
  const range = rangeOf(query, now);
  const map = range ? { topology: await mapOf(pipeline, db, query.level, range, now) } : pipeline.maps.current(query.level, now);
  return query.namespace === undefined ? map : { ...map, topology: ofNamespace(map.topology, query.namespace) };
}

async function mapOf(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  level: Level,
  { from, to }: TimeRange,
  now: number,
): Promise<Topology> {
  if (from >= pipeline.rolling.heldFrom && from >= now - 3_600_000) {
    return pipeline.rolling.snapshot(level, from, to, now, pipeline.coverage(from, to));
  }
  if (level === 'pod') {
    throw new CausewayError(
      'bad-request',
      'pods are kept for the last hour only; choose level workload or namespace for an earlier time',
      {
        place: { parameter: 'level' },
      },
    );
  }
  const rollups = await rollupsOf(pipeline, db, from, to, stepFor(from, to));
  const coverage = await coverageOf(pipeline, db, rollups, from, to);
  return topologyOfRollups(rollups, { cluster: pipeline.id, level, from, to, now, coverage });
}

/** The edges that touch a namespace, and what is at their ends. */
export function ofNamespace(topology: Topology, namespace: string): Topology {
  const inside = new Set(topology.nodes.filter((node) => node.namespace === namespace).map(({ id }) => id));
  const edges = topology.edges.filter(({ source, destination }) => inside.has(source) || inside.has(destination));
  const shown = new Set(edges.flatMap(({ source, destination }) => [source, destination]));
  return { ...topology, edges, nodes: topology.nodes.filter(({ id }) => shown.has(id)) };
}
