import { DEFAULT_DENY, isDefaultDeny, isPolicyDrop } from '#lib/flow/drops.ts';
import type { TrafficDirection } from '#lib/flow/flow.ts';
import { edgeKey } from '#lib/topology/directory.ts';
import { minuteOf } from '#lib/topology/minutes.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import type { DropRollup, EdgeRollup, Rollup } from './rollup.ts';
import { dropKeyOf } from './rollup.ts';
import { addTo } from './rollup-sum.ts';
import { bucketsOf } from './timeline.ts';

export interface RankedDrops {
  readonly key: string;
  readonly count: number;
  readonly before: number;
}

export interface DroppedPair {
  readonly key: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly reason: string;
  readonly direction: TrafficDirection;
  readonly count: number;
  readonly before: number;
  readonly series: number[];
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly newlySeen: boolean;
  readonly policies: string[];
  readonly nodes: string[];
  readonly flows: number;
  readonly exampleUuid: string;
}

/** The shape of the API's `DropsReport`. */
export interface TrafficDropsReport {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly times: number[];
  readonly total: number;
  readonly before: number;
  readonly flows: number;
  readonly flowsBefore: number;
  readonly series: number[];
  readonly seriesBefore: number[];
  readonly seriesPolicy: number[];
  readonly lost: number[];
  readonly silent: boolean[];
  readonly comparable: boolean;
  readonly remembers: boolean;
  readonly reasons: (RankedDrops & { readonly series: number[] })[];
  readonly pairs: DroppedPair[];
  readonly namespaces: RankedDrops[];
  readonly policies: RankedDrops[];
  readonly nodes: RankedDrops[];
  readonly coverage: Coverage;
}

/** Which drops and edges a report is about; see `drops-filter.ts`. */
export interface DropsFilter {
  readonly matchesEdge: (edge: Pick<EdgeRollup, 'source' | 'destination' | 'protocol' | 'port'>) => boolean;
  readonly matchesDrop: (drop: DropRollup) => boolean;
  /** Of the nodes that saw a drop, those that count. */
  readonly matchesNode: (drop: DropRollup, node: string) => boolean;
}
export const EVERY_DROP: DropsFilter = { matchesEdge: () => true, matchesDrop: () => true, matchesNode: () => true };

export interface DropsReportOptions {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly coverage: Coverage;
  /** Whether the window before is known whole. */
  readonly comparable: boolean;
  /** Whether traffic is remembered from long enough before the window to call a drop new. */
  readonly remembers: boolean;
  /** Keys (`dropKeyOf`) of drops that were seen before `from`, as far back as is remembered. */
  readonly earlier: ReadonlySet<string>;
  readonly filter?: DropsFilter;
  /** Pairs and list entries returned at most. */
  readonly limit?: number;
}

interface PairSum {
  readonly drop: DropRollup;
  before: number;
  readonly series: number[];
  readonly directions: Map<string, number>;
  readonly nodes: Map<string, number>;
  readonly policies: Map<string, number>;
  firstSeen: number;
  lastSeen: number;
  exampleUuid: string;
}

/** Counts of now and before, by key. */
class Ranking {
  readonly #now = new Map<string, number>();
  readonly #before = new Map<string, number>();

  add(key: string, count: number, isBefore: boolean): void {
    addTo(isBefore ? this.#before : this.#now, key, count);
  }

  /** Most drops first. What dropped before but does not now is listed too: it went away. */
  ranked(limit: number): RankedDrops[] {
    return [...new Set([...this.#now.keys(), ...this.#before.keys()])]
      .map((key) => ({ key, count: this.#now.get(key) ?? 0, before: this.#before.get(key) ?? 0 }))
      .toSorted((a, b) => b.count - a.count || b.before - a.before || (a.key < b.key ? -1 : 1))
      .slice(0, limit);
  }
}

/**
 * Drops of `from..to` beside those of the window of the same length just before, from the rollups of both (given in any order; others are left
 * out). Each dropped packet counts once. Buckets are those of `bucketsOf`.
 */
export function dropsReportOf(rollups: Iterable<Rollup>, options: DropsReportOptions): TrafficDropsReport {
  const { from, to, stepMs, filter = EVERY_DROP, limit = 200 } = options;
  const times = bucketsOf(from, to, stepMs);
  const start = minuteOf(from);
  const spanMs = to - start;
  const zeros = (): number[] => times.map(() => 0);
  const sums = { series: zeros(), seriesBefore: zeros(), seriesPolicy: zeros(), lost: zeros() };
  const rankings = { reasons: new Ranking(), namespaces: new Ranking(), policies: new Ranking(), nodes: new Ranking() };
  const reasonSeries = new Map<string, number[]>();
  const pairs = new Map<string, PairSum>();
  const edgeFlows = new Map<string, number>();
  const silent = times.map(() => true);
  let flows = 0;
  let flowsBefore = 0;

  for (const rollup of rollups) {
    if (rollup.bucket < start - spanMs || rollup.bucket >= to) continue;
    const isBefore = rollup.bucket < start;
    const index = Math.min(
      times.length - 1,
      Math.floor((rollup.bucket + (isBefore ? spanMs : 0) - (times[0] ?? start)) / stepMs),
    );
    if (!isBefore && rollup.edges.length > 0) silent[index] = false;
    for (const edge of rollup.edges) {
      if (!filter.matchesEdge(edge)) continue;
      if (isBefore) flowsBefore += edge.counters.flows;
      else {
        flows += edge.counters.flows;
        addTo(edgeFlows, edgeKey(edge.source, edge.destination, edge.protocol, edge.port), edge.counters.flows);
      }
    }
    if (!isBefore) for (const { count } of rollup.lost) bump(sums.lost, index, count);
    for (const drop of rollup.drops) {
      if (!filter.matchesDrop(drop)) continue;
      const nodes = Object.entries(drop.nodes).filter(([node]) => filter.matchesNode(drop, node));
      const count = nodes.reduce((sum, [, of]) => sum + of, 0);
      const pair = pairOf(pairs, drop, zeros);
      if (isBefore) pair.before += count;
      else addToPair(pair, drop, nodes, index, count);
      bump(isBefore ? sums.seriesBefore : sums.series, index, count);
      if (!isBefore && isPolicyDrop(drop.reason)) bump(sums.seriesPolicy, index, count);
      if (count > 0) rank(rankings, drop, nodes, count, isBefore);
      if (!isBefore && count > 0) {
        let values = reasonSeries.get(drop.reason);
        if (!values) reasonSeries.set(drop.reason, (values = zeros()));
        bump(values, index, count);
      }
    }
  }
  return {
    from,
    to,
    stepMs,
    times,
    total: total(sums.series),
    before: total(sums.seriesBefore),
    flows,
    flowsBefore,
    ...sums,
    silent,
    comparable: options.comparable,
    remembers: options.remembers,
    reasons: rankings.reasons.ranked(limit).map((ranked) => ({ ...ranked, series: reasonSeries.get(ranked.key) ?? zeros() })),
    pairs: reportedPairs(pairs, edgeFlows, options, limit),
    namespaces: rankings.namespaces.ranked(limit),
    policies: rankings.policies.ranked(limit),
    nodes: rankings.nodes.ranked(limit),
    coverage: options.coverage,
  };
}

function rank(
  rankings: { readonly reasons: Ranking; readonly namespaces: Ranking; readonly policies: Ranking; readonly nodes: Ranking },
  drop: DropRollup,
  nodes: readonly (readonly [string, number])[],
  count: number,
  isBefore: boolean,
): void {
  rankings.reasons.add(drop.reason, count, isBefore);
  for (const namespace of new Set([drop.source_namespace, drop.destination_namespace])) {
    if (namespace !== '') rankings.namespaces.add(namespace, count, isBefore);
  }
  for (const [node, of] of nodes) rankings.nodes.add(node, of, isBefore);
  const named = Object.entries(drop.policies);
  // A packet can be denied by several policies: each is given what it denied, so these may add up to more than the total.
  for (const [policy, denied] of named) rankings.policies.add(policy, denied, isBefore);
  if (isDefaultDeny(drop.reason, named.length)) rankings.policies.add(DEFAULT_DENY, count, isBefore);
}

function pairOf(pairs: Map<string, PairSum>, drop: DropRollup, zeros: () => number[]): PairSum {
  const key = dropKeyOf(drop);
  let pair = pairs.get(key);
  if (!pair) {
    pair = {
      drop,
      before: 0,
      series: zeros(),
      directions: new Map(),
      nodes: new Map(),
      policies: new Map(),
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: 0,
      exampleUuid: '',
    };
    pairs.set(key, pair);
  }
  return pair;
}

function addToPair(
  pair: PairSum,
  drop: DropRollup,
  nodes: readonly (readonly [string, number])[],
  index: number,
  count: number,
): void {
  bump(pair.series, index, count);
  for (const [node, of] of nodes) addTo(pair.nodes, node, of);
  for (const [direction, of] of Object.entries(drop.directions)) addTo(pair.directions, direction, of ?? 0);
  for (const [policy, of] of Object.entries(drop.policies)) addTo(pair.policies, policy, of);
  pair.firstSeen = Math.min(pair.firstSeen, drop.first_seen);
  pair.lastSeen = Math.max(pair.lastSeen, drop.last_seen);
  if (drop.example_uuid !== '') pair.exampleUuid = drop.example_uuid;
}

/** Pairs that drop in the window, newly seen first, then most drops first. */
function reportedPairs(
  pairs: ReadonlyMap<string, PairSum>,
  edgeFlows: ReadonlyMap<string, number>,
  { earlier, remembers }: Pick<DropsReportOptions, 'earlier' | 'remembers'>,
  limit: number,
): DroppedPair[] {
  return [...pairs]
    .map(([key, pair]): DroppedPair => {
      const { source, destination, protocol, port, reason } = pair.drop;
      return {
        key,
        source,
        destination,
        protocol,
        port,
        reason,
        direction: directionOf(pair.directions),
        count: total(pair.series),
        before: pair.before,
        series: pair.series,
        firstSeen: pair.firstSeen,
        lastSeen: pair.lastSeen,
        newlySeen: remembers && pair.before === 0 && !earlier.has(key),
        policies: mostFirst(pair.policies).slice(0, 8),
        nodes: mostFirst(pair.nodes).slice(0, 32),
        flows: edgeFlows.get(edgeKey(source, destination, protocol, port)) ?? 0,
        exampleUuid: pair.exampleUuid,
      };
    })
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => Number(b.newlySeen) - Number(a.newlySeen) || b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, limit);
}

/** The direction of most of the drops. */
function directionOf(directions: ReadonlyMap<string, number>): TrafficDirection {
  const [first] = mostFirst(directions);
  return first === 'INGRESS' || first === 'EGRESS' ? first : 'TRAFFIC_DIRECTION_UNKNOWN';
}

const mostFirst = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1)).map(([key]) => key);
const bump = (values: number[], index: number, by: number): void => {
  values[index] = (values[index] ?? 0) + by;
};
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
