import type { LostEventSource, TrafficDirection, Verdict } from '#lib/flow/flow.ts';
import type { EdgeCountersJson } from '#lib/topology/counters.ts';
import type { MapEdge, MapNodeKind } from '#lib/topology/topology.ts';

/**
 * What is kept of a minute (or of an hour, merged from its minutes) of a cluster: plain JSON with string keys, all of it additive.
 * Maps, timelines and drop reports over any whole minutes are sums of these.
 */
export interface Rollup {
  /** Start of the minute or hour: Unix milliseconds. */
  readonly bucket: number;
  readonly edges: readonly EdgeRollup[];
  readonly nodes: readonly NodeRollup[];
  readonly counts: readonly CountRollup[];
  readonly drops: readonly DropRollup[];
  readonly lost: readonly LostRollup[];
}

/** An edge at workload level. */
export interface EdgeRollup {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly l7: MapEdge['l7'];
  readonly metrics_path: boolean;
  readonly counters: EdgeCountersJson;
  /** `cluster/node` that saw it, at most 32. */
  readonly nodes: readonly string[];
}

/** What edges say only the id of: a node at workload level. */
export interface NodeRollup {
  readonly id: string;
  readonly kind: MapNodeKind;
  readonly namespace: string;
  readonly name: string;
  readonly workload_kind: string;
  readonly identities: readonly number[];
  /** Most distinct pods, and addresses outside the cluster, that were seen in one minute. */
  readonly pods: number;
  readonly addresses: number;
}

/** Flows by the node that saw them and the namespaces at their ends: exact totals per verdict, namespace and node come from here. */
export interface CountRollup {
  readonly node: string;
  /** Empty outside the cluster. */
  readonly source_namespace: string;
  readonly destination_namespace: string;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

/** Dropped packets of a pair of workloads, a port and a reason, each packet once. */
export interface DropRollup {
  readonly source: string;
  readonly source_namespace: string;
  readonly destination: string;
  readonly destination_namespace: string;
  readonly protocol: string;
  readonly port: number;
  readonly reason: string;
  /** By direction in which the endpoint that dropped it was judged. */
  readonly directions: Readonly<Partial<Record<TrafficDirection, number>>>;
  /** By `cluster/node`. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Denials by policy that Hubble named; a default deny names none. */
  readonly policies: Readonly<Record<string, number>>;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly example_uuid: string;
}

/** Events that a node or the relay had to throw away. */
export interface LostRollup {
  readonly node: string;
  readonly source: LostEventSource;
  readonly count: number;
}

/** `source->destination:PROTO/port reason`: what a drop is remembered and linked by. */
export const dropKeyOf = (drop: Pick<DropRollup, 'source' | 'destination' | 'protocol' | 'port' | 'reason'>): string =>
  `${drop.source}->${drop.destination}:${drop.protocol}/${drop.port} ${drop.reason}`;
