import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import { recordOf } from '#lib/topology/counters.ts';
import { edgeKey } from '#lib/topology/directory.ts';
import { minuteOf } from '#lib/topology/minutes.ts';
import type { Coverage, Level, VerdictCounts } from '#lib/topology/topology.ts';
import type { NodeRollup, Rollup } from './rollup.ts';
import { addTo } from './rollup-sum.ts';

/** Series by bucket and exact totals; the shape of the API's `Timeline`. */
export interface TrafficTimeline {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly times: number[];
  readonly flows: number[];
  readonly verdicts: Partial<Record<Verdict, number[]>>;
  readonly drops: number[];
  readonly lost: number[];
  readonly encrypted: number[];
  readonly plaintext: number[];
  readonly totals: {
    readonly flows: number;
    readonly drops: number;
    readonly verdicts: Partial<Record<Verdict, number>>;
    readonly namespaces: Readonly<Record<string, number>>;
    readonly nodes: Readonly<Record<string, number>>;
  };
  readonly coverage: Coverage;
}

/** Starts of the buckets of `stepMs` that cover `from..to`, in Unix milliseconds; all series have one value for each. */
export function bucketsOf(from: number, to: number, stepMs: number): number[] {
  const first = Math.floor(from / stepMs) * stepMs;
  return Array.from({ length: Math.max(1, Math.ceil((to - first) / stepMs)) }, (_, index) => first + index * stepMs);
}

export interface TimelineOptions {
  /** Unix milliseconds. Rollups whose bucket starts outside are left out (`from` is that of a minute: `from` itself, or the one it falls in). */
  readonly from: number;
  readonly to: number;
  /** A multiple of the rollups' own bucket. */
  readonly stepMs: number;
  readonly coverage: Coverage;
  /** Only this edge, by its key at `level` (workload or namespace): totals by node and namespace are then those of the edge's flows as far as rollups know. */
  readonly edge?: { readonly key: string; readonly level: Exclude<Level, 'pod'> };
}

/** Series and totals of a cluster, or of one edge. */
export function timelineOf(rollups: Iterable<Rollup>, options: TimelineOptions): TrafficTimeline {
  const { from, to, stepMs } = options;
  const times = bucketsOf(from, to, stepMs);
  const first = times[0] ?? from;
  const zeros = (): number[] => times.map(() => 0);
  const series = { flows: zeros(), drops: zeros(), lost: zeros(), encrypted: zeros(), plaintext: zeros() };
  const verdicts = new Map<Verdict, number[]>();
  const namespaces = new Map<string, number>();
  const nodes = new Map<string, number>();

  for (const rollup of rollups) {
    const index = Math.floor((rollup.bucket - first) / stepMs);
    if (rollup.bucket < minuteOf(from) || rollup.bucket >= to || index >= times.length) continue;
    const countVerdicts = (counts: VerdictCounts): number => {
      let flows = 0;
      for (const verdict of VERDICTS) {
        const count = counts[verdict];
        if (!count) continue;
        let values = verdicts.get(verdict);
        if (!values) verdicts.set(verdict, (values = zeros()));
        bump(values, index, count);
        flows += count;
      }
      bump(series.flows, index, flows);
      return flows;
    };
    for (const edge of edgesOf(rollup, options.edge)) {
      const { counters } = edge;
      bump(series.drops, index, sumOf(counters.drops));
      bump(series.encrypted, index, counters.encryption.encrypted ?? 0);
      bump(series.plaintext, index, counters.encryption.plaintext ?? 0);
      if (!options.edge) continue;
      const flows = countVerdicts(counters.verdicts);
      for (const namespace of edge.namespaces) addTo(namespaces, namespace, flows);
    }
    for (const lost of rollup.lost) bump(series.lost, index, lost.count);
    if (options.edge) continue;
    for (const count of rollup.counts) {
      const flows = countVerdicts(count.verdicts);
      if (count.node !== '') addTo(nodes, count.node, flows);
      for (const namespace of new Set([count.source_namespace, count.destination_namespace]))
        if (namespace !== '') addTo(namespaces, namespace, flows);
    }
  }
  return {
    from,
    to,
    stepMs,
    times,
    ...series,
    verdicts: Object.fromEntries(verdicts),
    totals: {
      flows: total(series.flows),
      drops: total(series.drops),
      verdicts: Object.fromEntries([...verdicts].map(([verdict, values]) => [verdict, total(values)])),
      namespaces: recordOf(namespaces),
      nodes: recordOf(nodes),
    },
    coverage: options.coverage,
  };
}

/** The edges of a rollup, or those that are folded into one, each with the distinct namespaces at its ends. */
function edgesOf({ edges, nodes }: Rollup, only: TimelineOptions['edge']) {
  const byId = new Map<string, NodeRollup>(only ? nodes.map((node) => [node.id, node]) : []);
  const namespaceOf = (id: string): string => byId.get(id)?.namespace ?? '';
  const placeOf = (id: string): string => (only?.level === 'namespace' && namespaceOf(id) !== '' ? namespaceOf(id) : id);
  return edges
    .filter(
      ({ source, destination, protocol, port }) =>
        !only || edgeKey(placeOf(source), placeOf(destination), protocol, port) === only.key,
    )
    .map(({ source, destination, counters }) => ({
      counters,
      namespaces: only
        ? [...new Set([namespaceOf(source), namespaceOf(destination)])].filter((namespace) => namespace !== '')
        : [],
    }));
}

const bump = (values: number[], index: number, by: number): void => {
  values[index] = (values[index] ?? 0) + by;
};
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const sumOf = (counts: Readonly<Record<string, number>>): number => total(Object.values(counts));
