import { VERDICTS } from '#lib/flow/flow.ts';
import { EdgeCounters, recordOf } from '#lib/topology/counters.ts';
import { edgeKey } from '#lib/topology/directory.ts';
import type { CountRollup, DropRollup, EdgeRollup, LostRollup, NodeRollup, Rollup } from './rollup.ts';
import { dropKeyOf } from './rollup.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const MAX_NODES = 32;

/** An edge of a sum, with its counters ready to add to. */
export interface SummedEdge {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  l7: EdgeRollup['l7'];
  metricsPath: boolean;
  readonly counters: EdgeCounters;
  readonly nodes: Set<string>;
}

/** Dropped packets of a sum. */
export interface SummedDrop extends Omit<Writable<DropRollup>, 'directions' | 'nodes' | 'policies'> {
  readonly directions: Map<string, number>;
  readonly nodes: Map<string, number>;
  readonly policies: Map<string, number>;
}

/** Adds up rollups. The order, the grouping and the number of steps do not matter. */
export class RollupSum {
  readonly edges = new Map<string, SummedEdge>();
  readonly nodes = new Map<string, NodeRollup>();
  readonly counts = new Map<string, CountRollup>();
  readonly drops = new Map<string, SummedDrop>();
  readonly #lost = new Map<string, LostRollup>();

  add(rollup: Omit<Rollup, 'bucket'>): void {
    for (const edge of rollup.edges) {
      const sum = this.edge(edge);
      sum.counters.merge(EdgeCounters.ofJson(edge.counters));
      if (edge.l7 !== '') sum.l7 = edge.l7;
      sum.metricsPath ||= edge.metrics_path;
      for (const node of edge.nodes) if (sum.nodes.size < MAX_NODES) sum.nodes.add(node);
    }
    for (const node of rollup.nodes) this.addNode(node);
    for (const count of rollup.counts) this.addCount(count);
    for (const drop of rollup.drops) {
      const sum = this.drop(drop);
      addAll(sum.directions, drop.directions);
      addAll(sum.nodes, drop.nodes);
      addAll(sum.policies, drop.policies);
      sum.first_seen = Math.min(sum.first_seen, drop.first_seen);
      sum.last_seen = Math.max(sum.last_seen, drop.last_seen);
      if (sum.example_uuid === '') sum.example_uuid = drop.example_uuid;
    }
    for (const lost of rollup.lost) this.addLost(lost);
  }

  /** The edge of these ends, protocol and port; made when new. */
  edge(key: Pick<EdgeRollup, 'source' | 'destination' | 'protocol' | 'port'>): SummedEdge {
    const { source, destination, protocol, port } = key;
    const text = edgeKey(source, destination, protocol, port);
    let edge = this.edges.get(text);
    if (!edge) {
      edge = { source, destination, protocol, port, l7: '', metricsPath: false, counters: new EdgeCounters(), nodes: new Set() };
      this.edges.set(text, edge);
    }
    return edge;
  }

  /** The drops of this pair, port and reason; made when new. */
  drop(
    key: Pick<
      DropRollup,
      'source' | 'source_namespace' | 'destination' | 'destination_namespace' | 'protocol' | 'port' | 'reason'
    >,
  ): SummedDrop {
    const text = dropKeyOf(key);
    let drop = this.drops.get(text);
    if (!drop) {
      drop = {
        source: key.source,
        source_namespace: key.source_namespace,
        destination: key.destination,
        destination_namespace: key.destination_namespace,
        protocol: key.protocol,
        port: key.port,
        reason: key.reason,
        directions: new Map(),
        nodes: new Map(),
        policies: new Map(),
        first_seen: Number.MAX_SAFE_INTEGER,
        last_seen: 0,
        example_uuid: '',
      };
      this.drops.set(text, drop);
    }
    return drop;
  }

  addNode(node: NodeRollup): void {
    const known = this.nodes.get(node.id);
    this.nodes.set(node.id, known ? joinNodes(known, node) : node);
  }

  addCount(count: CountRollup): void {
    const key = JSON.stringify([count.node, count.source_namespace, count.destination_namespace]);
    const known = this.counts.get(key);
    if (!known) return void this.counts.set(key, count);
    const verdicts: Writable<CountRollup['verdicts']> = { ...known.verdicts };
    for (const verdict of VERDICTS) {
      const more = count.verdicts[verdict];
      if (more) verdicts[verdict] = (verdicts[verdict] ?? 0) + more;
    }
    this.counts.set(key, { ...known, verdicts });
  }

  addLost(lost: LostRollup): void {
    const key = `${lost.source} ${lost.node}`;
    this.#lost.set(key, { ...lost, count: lost.count + (this.#lost.get(key)?.count ?? 0) });
  }

  toRollup(bucket: number): Rollup {
    return {
      bucket,
      edges: [...this.edges.values()].map(({ counters, nodes, metricsPath, ...edge }) => ({
        ...edge,
        metrics_path: metricsPath,
        counters: counters.toJson(),
        nodes: [...nodes],
      })),
      nodes: [...this.nodes.values()],
      counts: [...this.counts.values()],
      drops: [...this.drops.values()].map((drop) => ({
        ...drop,
        directions: recordOf(drop.directions),
        nodes: recordOf(drop.nodes),
        policies: recordOf(drop.policies),
      })),
      lost: [...this.#lost.values()],
    };
  }
}

/** One rollup of several, such as an hour of its minutes. */
export function mergeRollups(rollups: Iterable<Rollup>, bucket: number): Rollup {
  const sum = new RollupSum();
  for (const rollup of rollups) sum.add(rollup);
  return sum.toRollup(bucket);
}

export function addTo(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function addAll(into: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(counts)) addTo(into, key, count);
}

function joinNodes(a: NodeRollup, b: NodeRollup): NodeRollup {
  return {
    ...a,
    kind: a.kind === 'workload' ? b.kind : a.kind,
    workload_kind: a.workload_kind || b.workload_kind,
    identities: [...new Set([...a.identities, ...b.identities])].toSorted((x, y) => x - y).slice(0, 8),
    pods: Math.max(a.pods, b.pods),
    addresses: Math.max(a.addresses, b.addresses),
  };
}
