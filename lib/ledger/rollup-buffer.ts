import { isDenial } from '#lib/flow/drops.ts';
import { type Flow, type LostEvents, VERDICTS } from '#lib/flow/flow.ts';
import type { Attributed } from '#lib/topology/attribution.ts';
import { EdgeCounters, policyName } from '#lib/topology/counters.ts';
import type { TrafficEdge, TrafficNode } from '#lib/topology/directory.ts';
import { MINUTE_MS, minuteOf } from '#lib/topology/minutes.ts';
import type { DropRollup, NodeRollup, Rollup } from './rollup.ts';
import { addTo, RollupSum } from './rollup-sum.ts';

/** What was counted for an edge at pod level in a minute since the last drain. */
interface Counted {
  readonly counters: EdgeCounters;
  /** Verdicts by the node that saw the flows, client's namespace first or last: a reply's source is the server. */
  readonly seenBy: { readonly node: string; readonly forward: number[]; readonly reverse: number[] }[];
}

interface Minute {
  readonly edges: Map<TrafficEdge, Counted>;
  /** Drops and lost events come seldom: they are summed as they come. */
  readonly rare: RollupSum;
}

/** Pods of a minute are remembered until no more of its flows are to be expected. */
const LATE_MS = 3 * MINUTE_MS;
const MAX_POLICIES = 64;

/** Turns flows into rollups by minute. Every flow is counted once, whatever comes between. */
export class RollupBuffer {
  #minutes = new Map<number, Minute>();
  readonly #pods = new Map<number, Map<TrafficNode, Set<TrafficNode>>>();

  /** Minutes with something to hand over. */
  get size(): number {
    return this.#minutes.size;
  }

  /** Counts a flow. */
  add(flow: Flow, seen: Attributed): void {
    const minute = this.#minuteOf(flow.time);
    let counted = minute.edges.get(seen.edge);
    if (counted === undefined) minute.edges.set(seen.edge, (counted = { counters: new EdgeCounters(), seenBy: [] }));
    counted.counters.add(flow, seen);
    countNode(counted, flow, seen.reversed);
    if (seen.dropReason !== undefined) this.#addDrop(minute, flow, seen, seen.dropReason);
    else if (flow.dropReason !== undefined && isDenial(flow)) this.#addDenial(minute, flow, seen, flow.dropReason);
  }

  /** Counts events that a node or the relay threw away, in the minute in which it said so. */
  addLost(lost: LostEvents): void {
    this.#minuteOf(lost.time).rare.addLost({ node: lost.nodeName, source: lost.source, count: lost.count });
  }

  /** Everything counted since the last drain, by minute: to be added to what was handed over before of the same minute. */
  drain(): Rollup[] {
    const rollups = [...this.#minutes].map(([minute, counted]) => this.#rollupOf(minute, counted));
    const newest = Math.max(...this.#minutes.keys());
    for (const minute of this.#pods.keys()) if (minute < newest - LATE_MS) this.#pods.delete(minute);
    this.#minutes = new Map();
    return rollups;
  }

  #minuteOf(time: number): Minute {
    const start = minuteOf(time);
    let minute = this.#minutes.get(start);
    if (!minute) this.#minutes.set(start, (minute = { edges: new Map(), rare: new RollupSum() }));
    return minute;
  }

  #addDrop(minute: Minute, flow: Flow, seen: Attributed, reason: string): void {
    const drop = minute.rare.drop(dropKeysOf(seen.edge.workload, reason));
    addTo(drop.directions, flow.trafficDirection, 1);
    addTo(drop.nodes, flow.nodeName, 1);
    drop.first_seen = Math.min(drop.first_seen, flow.time);
    drop.last_seen = Math.max(drop.last_seen, flow.time);
    if (drop.example_uuid === '') drop.example_uuid = flow.uuid;
  }

  /** The policy verdict of a packet whose drop is an event of its own: it names the policies. */
  #addDenial(minute: Minute, flow: Flow, seen: Attributed, reason: string): void {
    const drop = minute.rare.drop(dropKeysOf(seen.edge.workload, reason));
    drop.first_seen = Math.min(drop.first_seen, flow.time);
    drop.last_seen = Math.max(drop.last_seen, flow.time);
    for (const policy of [...flow.egressDeniedBy, ...flow.ingressDeniedBy]) {
      const name = policyName(policy);
      if (name !== '' && (drop.policies.size < MAX_POLICIES || drop.policies.has(name))) addTo(drop.policies, name, 1);
    }
  }

  #rollupOf(start: number, { edges, rare }: Minute): Rollup {
    for (const [edge, { counters, seenBy }] of edges) {
      const { source, destination, protocol, port, l7, metricsPath } = edge.workload;
      const sum = rare.edge({ source: source.id, destination: destination.id, protocol, port });
      sum.counters.merge(counters);
      sum.l7 = l7;
      sum.metricsPath ||= metricsPath;
      for (const { node, forward, reverse } of seenBy) {
        if (sum.nodes.size < 32) sum.nodes.add(node);
        addCounts(rare, node, source.namespace, destination.namespace, forward);
        addCounts(rare, node, destination.namespace, source.namespace, reverse);
      }
      this.#notePod(start, edge.source);
      this.#notePod(start, edge.destination);
    }
    for (const workload of new Set(
      [...edges.keys()].flatMap(({ source, destination }) => [source.workload, destination.workload]),
    )) {
      rare.addNode(this.#nodeOf(start, workload));
    }
    return rare.toRollup(start);
  }

  #notePod(minute: number, pod: TrafficNode): void {
    if (pod.namespace === '') return;
    let byWorkload = this.#pods.get(minute);
    if (!byWorkload) this.#pods.set(minute, (byWorkload = new Map()));
    const pods = byWorkload.get(pod.workload);
    if (pods) pods.add(pod);
    else byWorkload.set(pod.workload, new Set([pod]));
  }

  #nodeOf(minute: number, workload: TrafficNode): NodeRollup {
    let addresses = 0;
    if (workload.addresses) for (const seen of workload.addresses.values()) if (seen >= minute) addresses++;
    return {
      id: workload.id,
      kind: workload.kind,
      namespace: workload.namespace,
      name: workload.name,
      workload_kind: workload.workloadKind,
      identities: [...workload.identities],
      pods: this.#pods.get(minute)?.get(workload)?.size ?? 0,
      addresses,
    };
  }
}

function countNode(counted: Counted, flow: Flow, reversed: boolean): void {
  const { seenBy } = counted;
  let seen = seenBy.find(({ node }) => node === flow.nodeName);
  if (seen === undefined) seenBy.push((seen = { node: flow.nodeName, forward: [], reverse: [] }));
  const counts = reversed ? seen.reverse : seen.forward;
  const verdict = VERDICTS.indexOf(flow.verdict);
  counts[verdict] = (counts[verdict] ?? 0) + 1;
}

function addCounts(sum: RollupSum, node: string, source: string, destination: string, counts: readonly number[]): void {
  const verdicts = Object.fromEntries(VERDICTS.flatMap((verdict, index) => (counts[index] ? [[verdict, counts[index]]] : [])));
  if (Object.keys(verdicts).length > 0)
    sum.addCount({ node, source_namespace: source, destination_namespace: destination, verdicts });
}

function dropKeysOf(
  edge: TrafficEdge,
  reason: string,
): Pick<DropRollup, 'source' | 'source_namespace' | 'destination' | 'destination_namespace' | 'protocol' | 'port' | 'reason'> {
  return {
    source: edge.source.id,
    source_namespace: edge.source.namespace,
    destination: edge.destination.id,
    destination_namespace: edge.destination.namespace,
    protocol: edge.protocol,
    port: edge.port,
    reason,
  };
}
