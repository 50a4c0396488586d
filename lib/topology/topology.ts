import type { Verdict } from '#lib/flow/flow.ts';

/** The service map: who talks to whom in a window of time. Pure data; built by `rolling.ts` from flows and by `lib/ledger` from stored rollups. */

export const LEVELS = ['namespace', 'workload', 'pod'] as const;
export type Level = (typeof LEVELS)[number];

export const NODE_KINDS = ['namespace', 'workload', 'gateway', 'dns', 'entity', 'external', 'host'] as const;
export type MapNodeKind = (typeof NODE_KINDS)[number];

export interface MapNode {
  /**
   * Level pod: `namespace/pod_name`; workload: `namespace/workload`; namespace: `namespace`.
   * Outside the cluster at every level: `entity:world`, `entity:kube-apiserver`, `fqdn:api.example.com`, `cidr:203.0.113.0/24`.
   */
  readonly id: string;
  readonly kind: MapNodeKind;
  /** Empty outside the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** Deployment, StatefulSet, ...; empty where unknown or not a workload. */
  readonly workloadKind: string;
  /** Distinct pods seen in the window (1 at level pod, 0 outside the cluster). */
  readonly pods: number;
  /** Distinct addresses seen in the window, for external nodes. */
  readonly addresses: number;
  /** Numeric identities seen, at most 8. */
  readonly identities: readonly number[];
  /** Flows in the window with this node at either end, by verdict; self-edges count once. */
  readonly verdicts: VerdictCounts;
}

export type VerdictCounts = Readonly<Partial<Record<Verdict, number>>>;

/**
 * How an edge's packets cross the network (spec: topology, encryption state).
 * Counts of *connections or packets that could be judged*, decided from trace points, never from `IP.encrypted` alone.
 */
export interface EncryptionCounts {
  readonly encrypted: number;
  readonly plaintext: number;
  readonly sameNode: number;
  readonly host: number;
  readonly notEvaluable: number;
}

export const EDGE_STATUSES = ['idle', 'active', 'suspicious', 'audited', 'error'] as const;
export type EdgeStatus = (typeof EDGE_STATUSES)[number];

export interface MapEdge {
  /** `src->dst:proto/port`, e.g. `payments/checkout-api->payments/ledger:TCP/9090`. Replies are folded into the request's edge. */
  readonly key: string;
  readonly source: string;
  readonly destination: string;
  /** TCP, UDP, SCTP, ICMPv4, ICMPv6, VRRP, IGMP; `NONE` for frames without a network layer. */
  readonly protocol: string;
  /** Destination port; 0 where there is none, or where ephemeral ports were folded. */
  readonly port: number;
  /** http, dns, kafka as seen by the proxy; empty when no L7 was seen. */
  readonly l7: '' | 'http' | 'dns' | 'kafka';
  /** Platform traffic that the map folds into marks. */
  readonly platform: '' | 'dns' | 'scrape' | 'probe';
  /** Flows in the window. */
  readonly flows: number;
  readonly verdicts: VerdictCounts;
  /** DROPPED and denied-by-proxy flows, by reason. A packet that shows as policy verdict and as drop event counts once: in the drop event. */
  readonly drops: Readonly<Record<string, number>>;
  readonly status: EdgeStatus;
  readonly encryption: EncryptionCounts;
  /** Policy verdicts that demanded mutual authentication, and all policy verdicts at ingress. */
  readonly authenticated: number;
  readonly authEvaluated: number;
  /** HTTP responses by class, e.g. `{ '2xx': 31, '5xx': 1 }`. */
  readonly http: Readonly<Record<string, number>>;
  /** DNS responses by rcode name. */
  readonly dns: Readonly<Record<string, number>>;
  /** L7 response latency in milliseconds, from a histogram; undefined when nothing was measured. */
  readonly latencyMs: { readonly count: number; readonly p50: number; readonly p95: number; readonly p99: number } | undefined;
  /** `kind:namespace/name` of policies that Hubble named as deciding, most often first, at most 8. */
  readonly policies: readonly string[];
  /** Unix milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** What a view over `from..to` can and cannot know. */
export interface Coverage {
  readonly nodesReporting: number;
  readonly nodesExpected: number;
  /** Node names that do not report now. */
  readonly missing: readonly string[];
  /** Events lost in the window, by node. */
  readonly lost: Readonly<Record<string, number>>;
  readonly lostTotal: number;
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly reason: string; readonly nodeName: string }[];
  /** Unix milliseconds of the newest flow received; undefined when none was. */
  readonly newestFlow: number | undefined;
}

export interface Topology {
  readonly cluster: string;
  readonly level: Level;
  /** Unix milliseconds: the window. */
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  /** Unix milliseconds. */
  readonly lastUpdated: number;
  readonly coverage: Coverage;
}

/** What changed since the snapshot or delta before; ids and keys that left the window are listed. */
export interface TopologyDelta {
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly removedNodes: readonly string[];
  readonly removedEdges: readonly string[];
  readonly lastUpdated: number;
  readonly coverage: Coverage;
}
