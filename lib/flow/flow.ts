/**
 * A flow as Hubble reports it: message `flow.Flow` of Cilium 1.19, field names in lowerCamelCase, enum values as Hubble spells them.
 * All strings are untrusted (a workload chooses its labels, names and paths) and bounded by `lib/flow/text.ts`.
 */

/** `flow.Verdict`, by its protobuf number. */
export const VERDICTS = [
  'VERDICT_UNKNOWN',
  'FORWARDED',
  'DROPPED',
  'ERROR',
  'AUDIT',
  'REDIRECTED',
  'TRACED',
  'TRANSLATED',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const FLOW_TYPES = ['UNKNOWN_TYPE', 'L3_L4', 'L7', 'SOCK'] as const;
export type FlowType = (typeof FLOW_TYPES)[number];

export const TRAFFIC_DIRECTIONS = ['TRAFFIC_DIRECTION_UNKNOWN', 'INGRESS', 'EGRESS'] as const;
export type TrafficDirection = (typeof TRAFFIC_DIRECTIONS)[number];

export const L4_PROTOCOLS = ['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'VRRP', 'IGMP'] as const;
export type L4Protocol = (typeof L4_PROTOCOLS)[number];

export const L7_TYPES = ['UNKNOWN_L7_TYPE', 'REQUEST', 'RESPONSE', 'SAMPLE'] as const;
export type L7Type = (typeof L7_TYPES)[number];

export const AUTH_TYPES = ['DISABLED', 'SPIRE', 'TEST_ALWAYS_FAIL'] as const;
export type AuthType = (typeof AUTH_TYPES)[number];

/** `CiliumEventType.type`. */
export const EVENT_TYPE = { drop: 1, debug: 2, capture: 3, trace: 4, policyVerdict: 5, socket: 7, l7: 129, agent: 130 } as const;

export interface Workload {
  readonly name: string;
  /** Deployment, StatefulSet, DaemonSet, ...; empty when Hubble did not say. */
  readonly kind: string;
}

/** One side of a flow. Endpoints decoded from a stream are shared between flows: never change one. */
export interface Endpoint {
  /** Endpoint id on its node; 0 outside the cluster. */
  readonly id: number;
  /** Cilium's numeric security identity; 0 is unknown, 1-255 are reserved entities. */
  readonly identity: number;
  readonly clusterName: string;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly podName: string;
  /** `source:key=value`, e.g. `k8s:app=ledger`, `reserved:host`. May be empty when the stream is masked: see the identity directory. */
  readonly labels: readonly string[];
  readonly workload: Workload | undefined;
}

export interface L4 {
  readonly protocol: L4Protocol;
  /** 0 for protocols without ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP flags that are set, e.g. `['SYN', 'ACK']`. */
  readonly flags?: readonly string[];
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

export interface HttpRecord {
  /** 0 on requests. */
  readonly code: number;
  readonly method: string;
  /** As the proxy logged it, after redaction of the query string. */
  readonly url: string;
  readonly protocol: string;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
}

export interface DnsRecord {
  readonly query: string;
  readonly ips: readonly string[];
  readonly cnames: readonly string[];
  /** 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, ... (RFC 1035, 4.1.1). */
  readonly rcode: number;
  readonly qtypes: readonly string[];
  readonly rrtypes: readonly string[];
  readonly ttl: number;
  readonly observationSource: string;
}

export interface KafkaRecord {
  readonly errorCode: number;
  readonly apiVersion: number;
  readonly apiKey: string;
  readonly correlationId: number;
  readonly topic: string;
}

export interface L7 {
  readonly type: L7Type;
  /** Nanoseconds; on responses only. */
  readonly latencyNs: number;
  readonly http?: HttpRecord;
  readonly dns?: DnsRecord;
  readonly kafka?: KafkaRecord;
}

/** A policy that Hubble names as having decided. A default deny names none. */
export interface PolicyRef {
  readonly name: string;
  /** Empty for clusterwide policies and for reserved, derived ones. */
  readonly namespace: string;
  /** CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy, NetworkPolicy; empty for derived ones. */
  readonly kind: string;
  readonly revision: number;
  readonly labels: readonly string[];
}

export interface ServiceRef {
  readonly name: string;
  readonly namespace: string;
}

export interface Flow {
  /** Unix milliseconds, with the microseconds as its fraction. */
  readonly time: number;
  /** Empty when the agent gives none: then `flowKey` identifies the flow by content. */
  readonly uuid: string;
  readonly verdict: Verdict;
  /** Name of `drop_reason_desc`, e.g. `POLICY_DENIED`; undefined when nothing was dropped or Hubble gave no reason. A number of a newer Cilium is kept as `DROP_REASON_207`. */
  readonly dropReason: string | undefined;
  readonly authType: AuthType | undefined;
  readonly ip:
    | {
        readonly source: string;
        readonly destination: string;
        /** Address after source NAT; empty when not translated. */
        readonly sourceXlated: string;
        readonly version: 4 | 6 | 0;
        /** The bit on the outer packet only: never decide encryption from it alone (see `lib/topology/encryption.ts`). */
        readonly encrypted: boolean;
      }
    | undefined;
  readonly l4: L4 | undefined;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly type: FlowType;
  /** `cluster/node`. */
  readonly nodeName: string;
  readonly sourceNames: readonly string[];
  readonly destinationNames: readonly string[];
  readonly l7: L7 | undefined;
  /** Three-valued: undefined is unknown (drops, to-crypto, to-network). */
  readonly isReply: boolean | undefined;
  readonly eventType: { readonly type: number; readonly subType: number };
  readonly sourceService: ServiceRef | undefined;
  readonly destinationService: ServiceRef | undefined;
  readonly trafficDirection: TrafficDirection;
  /** `policy_match_type` of policy verdicts: 0 none, 1 L3, 2 L3+L4, 3 L4, 4 all, 5 L3+protocol, 6 protocol. */
  readonly policyMatchType: number;
  /** e.g. `TO_ENDPOINT`, `TO_NETWORK`, `TO_CRYPTO`; undefined when it is not a trace. */
  readonly traceObservationPoint: string | undefined;
  readonly traceReason: string | undefined;
  readonly proxyPort: number;
  readonly traceId: string;
  readonly egressAllowedBy: readonly PolicyRef[];
  readonly ingressAllowedBy: readonly PolicyRef[];
  readonly egressDeniedBy: readonly PolicyRef[];
  readonly ingressDeniedBy: readonly PolicyRef[];
  readonly summary: string;
}

/** State of a node behind a relay: `relay.NodeState`. */
export const NODE_STATES = ['UNKNOWN_NODE_STATE', 'NODE_CONNECTED', 'NODE_UNAVAILABLE', 'NODE_GONE', 'NODE_ERROR'] as const;
export type NodeState = (typeof NODE_STATES)[number];

/** `flow.LostEventSource`. */
export const LOST_EVENT_SOURCES = [
  'UNKNOWN_LOST_EVENT_SOURCE',
  'PERF_EVENT_RING_BUFFER',
  'OBSERVER_EVENTS_QUEUE',
  'HUBBLE_RING_BUFFER',
] as const;
export type LostEventSource = (typeof LOST_EVENT_SOURCES)[number];

/** Events that a node or the relay had to throw away: data, shown with the view they fall into. */
export interface LostEvents {
  readonly time: number;
  readonly nodeName: string;
  readonly source: LostEventSource;
  readonly count: number;
  /** Unix milliseconds of the first and last lost event, where the agent knows them. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface NodeStatus {
  readonly time: number;
  readonly state: NodeState;
  readonly nodeNames: readonly string[];
  readonly message: string;
}

/** A stretch of time for which this console has no flows (relay away, ingest down) and cannot get them any more. */
export interface Gap {
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly reason:
    | 'relay-unreachable'
    | 'ingest-restarted'
    | 'relay-restarted'
    | 'node-unavailable'
    | 'database-unreachable'
    | 'stream-cut';
  /** The node it concerns; empty for the whole cluster. */
  readonly nodeName: string;
}

/** What a stream of a relay, an exporter file or a bus can carry. */
export type StreamEvent =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'node-status'; readonly status: NodeStatus }
  | { readonly kind: 'lost-events'; readonly lost: LostEvents }
  | { readonly kind: 'gap'; readonly gap: Gap };
