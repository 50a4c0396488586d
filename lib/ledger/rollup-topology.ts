import { VERDICTS } from '#lib/flow/flow.ts';
import { EdgeCounters } from '#lib/topology/counters.ts';
import { edgeKey } from '#lib/topology/directory.ts';
import { type SuspicionRule, VerdictSum, mapEdgeOf, mapNodeOf } from '#lib/topology/fold.ts';
import type { Coverage, Level, MapEdge, Topology } from '#lib/topology/topology.ts';
import type { NodeRollup, Rollup } from './rollup.ts';
import { RollupSum, type SummedEdge } from './rollup-sum.ts';

export interface RollupTopologyOptions {
  readonly cluster: string;
  /** Rollups know no pods: those are in memory for the last hour only. */
  readonly level: Exclude<Level, 'pod'>;
  /** Unix milliseconds: which buckets were asked for. */
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly coverage: Coverage;
  readonly suspicion?: SuspicionRule;
}

/** The map of a time from its rollups: the same as `RollingTopology.snapshot` gives for the same flows, but for distinct pods and addresses (see `NodeRollup`). */
export function topologyOfRollups(rollups: Iterable<Rollup>, options: RollupTopologyOptions): Topology {
  const sum = new RollupSum();
  for (const rollup of rollups) sum.add(rollup);
  const place = (id: string): NodeRollup => placed(sum.nodes.get(id), id, options.level);

  const edges = foldedEdges(sum.edges.values(), place).map((edge) => mapEdge(edge, options.suspicion));
  const nodes = new Map<string, NodeRollup>();
  for (const id of sum.nodes.keys()) {
    const node = place(id);
    const known = nodes.get(node.id);
    nodes.set(
      node.id,
      known
        ? {
            ...known,
            pods: known.pods + node.pods,
            identities: [...new Set([...known.identities, ...node.identities])].slice(0, 8),
          }
        : node,
    );
  }
  const verdicts = new Map<string, VerdictSum>();
  for (const edge of edges) {
    for (const id of new Set([edge.source, edge.destination])) {
      let counts = verdicts.get(id);
      if (!counts) verdicts.set(id, (counts = new VerdictSum()));
      counts.add(VERDICTS.map((verdict) => edge.verdicts[verdict] ?? 0));
    }
  }
  return {
    cluster: options.cluster,
    level: options.level,
    from: options.from,
    to: options.to,
    nodes: [...verdicts].flatMap(([id, counts]) => {
      const node = nodes.get(id);
      return node
        ? mapNodeOf(
            { ...node, workloadKind: node.workload_kind, identities: [...node.identities] },
            node.pods,
            node.addresses,
            counts.counts(),
          )
        : [];
    }),
    edges,
    lastUpdated: options.now,
    coverage: options.coverage,
  };
}

interface FoldedEdge {
  readonly source: NodeRollup;
  readonly destination: NodeRollup;
  readonly edge: SummedEdge;
}

/** Edges between the nodes that `place` puts their ends in; those that come to be the same are added up. */
function foldedEdges(edges: Iterable<SummedEdge>, place: (id: string) => NodeRollup): FoldedEdge[] {
  const folded = new Map<string, FoldedEdge>();
  for (const edge of edges) {
    const source = place(edge.source);
    const destination = place(edge.destination);
    const key = edgeKey(source.id, destination.id, edge.protocol, edge.port);
    let into = folded.get(key);
    if (!into)
      folded.set(
        key,
        (into = {
          source,
          destination,
          edge: { ...edge, source: source.id, destination: destination.id, counters: new EdgeCounters() },
        }),
      );
    into.edge.counters.merge(edge.counters);
    into.edge.metricsPath ||= edge.metricsPath;
    if (edge.l7 !== '') into.edge.l7 = edge.l7;
  }
  return [...folded.values()];
}

function mapEdge({ source, destination, edge }: FoldedEdge, suspicion: SuspicionRule | undefined): MapEdge {
  const { protocol, port, l7, metricsPath, counters } = edge;
  const { firstSeen, lastSeen } = counters;
  const facts = {
    key: edgeKey(source.id, destination.id, protocol, port),
    protocol,
    port,
    l7,
    metricsPath,
    source,
    destination,
    firstSeen,
    lastSeen,
  };
  return mapEdgeOf(facts, counters, suspicion);
}

/** The node a view at `level` shows it in. */
function placed(node: NodeRollup | undefined, id: string, level: Level): NodeRollup {
  const known = node ?? { id, kind: 'entity', namespace: '', name: id, workload_kind: '', identities: [], pods: 0, addresses: 0 };
  if (level !== 'namespace' || known.namespace === '') return known;
  return { ...known, id: known.namespace, kind: 'namespace', name: known.namespace, workload_kind: '' };
}
