import type { FlowType, TrafficDirection, Verdict } from './flow.ts';

/**
 * One filter for URL, API and relay. Fields are ANDed, the values of a field are ORed (message `flow.FlowFilter`).
 * Fields without a side (`namespace`, `pod`, ...) mean source or destination, as `hubble observe --namespace` does; several of them mean
 * the same side (`hubble observe --namespace payments --port 5432`: an endpoint of payments that talks on its own port 5432).
 */
export interface FlowFilter {
  readonly namespace?: readonly string[];
  readonly sourceNamespace?: readonly string[];
  readonly destinationNamespace?: readonly string[];
  /** `[namespace/]prefix`, any namespace where none is given; a trailing `*` is accepted and means the same. */
  readonly pod?: readonly string[];
  readonly sourcePod?: readonly string[];
  readonly destinationPod?: readonly string[];
  /** `[namespace/]name`. */
  readonly workload?: readonly string[];
  readonly sourceWorkload?: readonly string[];
  readonly destinationWorkload?: readonly string[];
  /** Kubernetes label selectors, e.g. `app=ledger`, `k8s:tier in (api, web)`, `reserved:host`. */
  readonly label?: readonly string[];
  readonly sourceLabel?: readonly string[];
  readonly destinationLabel?: readonly string[];
  /** Addresses or CIDRs. */
  readonly ip?: readonly string[];
  readonly sourceIp?: readonly string[];
  readonly destinationIp?: readonly string[];
  /** Source address after translation (SNAT). */
  readonly sourceIpXlated?: readonly string[];
  readonly identity?: readonly number[];
  readonly sourceIdentity?: readonly number[];
  readonly destinationIdentity?: readonly number[];
  /** DNS name patterns with `*`. */
  readonly fqdn?: readonly string[];
  readonly sourceFqdn?: readonly string[];
  readonly destinationFqdn?: readonly string[];
  /** `[namespace/]name`. */
  readonly service?: readonly string[];
  readonly sourceService?: readonly string[];
  readonly destinationService?: readonly string[];
  readonly port?: readonly number[];
  readonly sourcePort?: readonly number[];
  readonly destinationPort?: readonly number[];
  /** Lower case: tcp, udp, icmp, icmpv4, icmpv6, sctp, vrrp, igmp, http, dns, kafka. */
  readonly protocol?: readonly string[];
  readonly verdict?: readonly Verdict[];
  /** Names of `flow.DropReason`, `DROP_REASON_207`, or `L7_DENIED` (`lib/flow/drops.ts`). Matches DROPPED flows only. */
  readonly dropReason?: readonly string[];
  readonly reply?: readonly boolean[];
  readonly direction?: readonly TrafficDirection[];
  /** By what event makes such flows (Hubble's filter knows only events): L7 the access log, SOCK the socket trace, L3_L4 the others. */
  readonly type?: readonly FlowType[];
  /** `CiliumEventType.type` numbers. */
  readonly eventType?: readonly { readonly type: number; readonly subType?: number }[];
  readonly httpMethod?: readonly string[];
  /** RE2 patterns on the path (search, not anchored), as Hubble's `http_path`. */
  readonly httpPath?: readonly string[];
  readonly httpUrl?: readonly string[];
  /** `404`, or a class `5+`. */
  readonly httpStatus?: readonly string[];
  /** RE2 patterns. */
  readonly dnsQuery?: readonly string[];
  /** Node name patterns with `*`, with or without `cluster/`. */
  readonly node?: readonly string[];
  /** Cluster names of the endpoints, whole. */
  readonly cluster?: readonly string[];
  readonly sourceCluster?: readonly string[];
  readonly destinationCluster?: readonly string[];
  readonly ipVersion?: readonly (4 | 6)[];
  readonly traceId?: readonly string[];
  readonly uuid?: readonly string[];
  readonly encrypted?: readonly boolean[];
  /** `SYN`, or `SYN+ACK` for both at once. */
  readonly tcpFlags?: readonly string[];
}

/** A flow passes when any `include` matches (or there is none) and no `exclude` does. */
export interface FlowQuery {
  readonly include: readonly FlowFilter[];
  readonly exclude: readonly FlowFilter[];
}
