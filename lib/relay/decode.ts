import 'server-only';
import { dropReasonName } from '#lib/flow/drop-reasons.ts';
import { TCP_FLAGS, TRACE_OBSERVATION_POINTS, TRACE_REASONS } from '#lib/flow/enums.ts';
import {
  AUTH_TYPES,
  type DnsRecord,
  type Endpoint,
  type Flow,
  FLOW_TYPES,
  type Gap,
  type HttpRecord,
  type KafkaRecord,
  type L4,
  type L4Protocol,
  type L7,
  L7_TYPES,
  LOST_EVENT_SOURCES,
  type LostEvents,
  NODE_STATES,
  type NodeStatus,
  type PolicyRef,
  type ServiceRef,
  type StreamEvent,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type Workload,
} from '#lib/flow/flow.ts';
import { DEFAULT_REDACTION, type Redaction, redactFlow } from '#lib/flow/redact.ts';
import { LIMITS } from '#lib/flow/text.ts';
import { InternTable } from './intern.ts';
import { WireError, WireReader } from './wire.ts';

/** A frame that could not be read: what was wrong with it, and how long it was. Counted, shown, never thrown. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly reason: string;
  readonly sizeBytes: number;
}
export type Decoded = Exclude<StreamEvent, { gap: Gap }> | Malformed;

export interface DecoderOptions {
  readonly redaction?: Redaction;
  /** Labels of an identity whose endpoints come without any, as they do in a masked stream. */
  readonly labelsOf?: (identity: number) => readonly string[] | undefined;
}

/** More nodes than Kubernetes can have in a cluster. */
export const MOST_NODES = 10_000;

const NONE: readonly string[] = Object.freeze([]);
const NO_POLICIES: readonly PolicyRef[] = Object.freeze([]);
const NO_EVENT_TYPE = Object.freeze({ type: 0, subType: 0 });
const NOBODY: Endpoint = Object.freeze({
  id: 0,
  identity: 0,
  clusterName: '',
  namespace: '',
  podName: '',
  labels: NONE,
  workload: undefined,
});

/** `flow.Layer4`, field 1 to 7. */
const L4_BY_FIELD: readonly L4Protocol[] = ['TCP', 'UDP', 'ICMPv4', 'ICMPv6', 'SCTP', 'VRRP', 'IGMP'];

/**
 * Reads `observer.GetFlowsResponse` straight from its bytes: about a tenth of what a general decoder costs, because what repeats from flow to
 * flow (endpoints, names, policies) is recognised by its bytes and shared as one object. Cases are tags, field number * 8 + wire type;
 * fields and enum values of a newer Cilium are passed over or kept by number. One instance per stream: it holds state, and `decode` never throws.
 */
export class FlowDecoder {
  private readonly reader = new WireReader();
  private readonly endpoints = new InternTable<Endpoint>(8192);
  private readonly strings = new InternTable<string>(16_384);
  private readonly addresses = new InternTable<NonNullable<Flow['ip']>>(16_384);
  private readonly policies = new InternTable<PolicyRef>(4096);
  private readonly services = new InternTable<ServiceRef>(4096);
  private readonly flagSets = new Map<number, readonly string[]>();
  private readonly redaction: Redaction;
  private readonly labelsOf: (identity: number) => readonly string[] | undefined;

  constructor(options: DecoderOptions = {}) {
    this.redaction = options.redaction ?? DEFAULT_REDACTION;
    this.labelsOf = options.labelsOf ?? (() => undefined);
  }

  /** The message in `frame[from..end)`. Bound, for gRPC's `responseDeserialize`: there a throw would end the whole stream. */
  readonly decode = (frame: Buffer, from = 0, end = frame.length): Decoded => {
    try {
      this.reader.reset(frame, from, end);
      return this.response();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return { kind: 'malformed', reason: error.message, sizeBytes: end - from };
    }
  };

  /** Labels of some identity have become known: endpoints are built anew, with them. */
  forgetEndpoints(): void {
    this.endpoints.clear();
  }

  private response(): Decoded {
    const r = this.reader;
    let flow: Flow | undefined;
    let status: Omit<NodeStatus, 'time'> | undefined;
    let lost: Omit<LostEvents, 'time' | 'nodeName'> | undefined;
    let nodeName = '';
    let time = 0;
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 10: // 1 flow
          flow = this.flow();
          break;
        case 18: // 2 node_status
          status = this.nodeStatus();
          break;
        case 26: // 3 lost_events
          lost = this.lostEvents();
          break;
        case 8002: // 1000 node_name
          nodeName = this.shared(LIMITS.name);
          break;
        case 8010: // 1001 time
          time = this.timestamp();
          break;
        default:
          r.skip(tag & 7);
      }
    }
    if (flow) return { kind: 'flow', flow: flow.nodeName && flow.time ? flow : complete(flow, nodeName, time) };
    if (status) return { kind: 'node-status', status: { time, ...status } };
    if (lost) return { kind: 'lost-events', lost: { time, nodeName, ...lost } };
    throw new WireError('neither a flow, nor node_status, nor lost_events');
  }

  private flow(): Flow {
    const r = this.reader;
    let time = 0;
    let uuid = '';
    let verdict = 0;
    let oldReason = 0;
    let reason = 0;
    let auth = 0;
    let ip: Flow['ip'];
    let l4: L4 | undefined;
    let source = NOBODY;
    let destination = NOBODY;
    let type = 0;
    let nodeName = '';
    let sourceNames = NONE;
    let destinationNames = NONE;
    let l7: L7 | undefined;
    let isReply: boolean | undefined;
    let eventType: Flow['eventType'] = NO_EVENT_TYPE;
    let sourceService: ServiceRef | undefined;
    let destinationService: ServiceRef | undefined;
    let direction = 0;
    let policyMatchType = 0;
    let tracePoint = 0;
    let traceReason = 0;
    let proxyPort = 0;
    let traceId = '';
    let egressAllowedBy = NO_POLICIES;
    let ingressAllowedBy = NO_POLICIES;
    let egressDeniedBy = NO_POLICIES;
    let ingressDeniedBy = NO_POLICIES;
    let summary = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 10: // 1 time
          time = this.timestamp();
          break;
        case 274: // 34 uuid
          uuid = r.text(LIMITS.name);
          break;
        case 16: // 2 verdict
          verdict = r.uint32();
          break;
        case 24: // 3 drop_reason
          oldReason = r.uint32();
          break;
        case 200: // 25 drop_reason_desc
          reason = r.uint32();
          break;
        case 280: // 35 auth_type
          auth = r.uint32();
          break;
        case 42: // 5 IP
          ip = this.ip();
          break;
        case 50: // 6 l4
          l4 = this.layer4() ?? l4;
          break;
        case 66: // 8 source
          source = this.endpoint();
          break;
        case 74: // 9 destination
          destination = this.endpoint();
          break;
        case 80: // 10 Type
          type = r.uint32();
          break;
        case 90: // 11 node_name
          nodeName = this.shared(LIMITS.name);
          break;
        case 106: // 13 source_names
          sourceNames = this.append(sourceNames, LIMITS.names, LIMITS.name);
          break;
        case 114: // 14 destination_names
          destinationNames = this.append(destinationNames, LIMITS.names, LIMITS.name);
          break;
        case 122: // 15 l7
          l7 = this.layer7();
          break;
        case 210: // 26 is_reply
          isReply = this.boolValue();
          break;
        case 154: // 19 event_type
          eventType = this.eventType();
          break;
        case 162: // 20 source_service
          sourceService = this.service();
          break;
        case 170: // 21 destination_service
          destinationService = this.service();
          break;
        case 176: // 22 traffic_direction
          direction = r.uint32();
          break;
        case 184: // 23 policy_match_type
          policyMatchType = r.uint32();
          break;
        case 192: // 24 trace_observation_point
          tracePoint = r.uint32();
          break;
        case 288: // 36 trace_reason
          traceReason = r.uint32();
          break;
        case 232: // 29 proxy_port
          proxyPort = r.uint32();
          break;
        case 242: // 30 trace_context
          traceId = this.traceContext();
          break;
        case 168010: // 21001 egress_allowed_by
          egressAllowedBy = this.appendPolicy(egressAllowedBy);
          break;
        case 168018: // 21002 ingress_allowed_by
          ingressAllowedBy = this.appendPolicy(ingressAllowedBy);
          break;
        case 168034: // 21004 egress_denied_by
          egressDeniedBy = this.appendPolicy(egressDeniedBy);
          break;
        case 168042: // 21005 ingress_denied_by
          ingressDeniedBy = this.appendPolicy(ingressDeniedBy);
          break;
        case 800002: // 100000 Summary
          summary = r.text(LIMITS.message);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    const flow: Flow = {
      time,
      uuid,
      verdict: VERDICTS[verdict] ?? 'VERDICT_UNKNOWN',
      dropReason: (reason || oldReason) === 0 ? undefined : dropReasonName(reason || oldReason),
      authType: auth === 0 ? undefined : AUTH_TYPES[auth],
      ip,
      l4,
      source,
      destination,
      type: FLOW_TYPES[type] ?? 'UNKNOWN_TYPE',
      nodeName,
      sourceNames,
      destinationNames,
      l7,
      isReply,
      eventType,
      sourceService,
      destinationService,
      trafficDirection: TRAFFIC_DIRECTIONS[direction] ?? 'TRAFFIC_DIRECTION_UNKNOWN',
      policyMatchType,
      traceObservationPoint: nameOf(TRACE_OBSERVATION_POINTS, tracePoint, 'TRACE_POINT'),
      traceReason: nameOf(TRACE_REASONS, traceReason, 'TRACE_REASON'),
      proxyPort,
      traceId,
      egressAllowedBy,
      ingressAllowedBy,
      egressDeniedBy,
      ingressDeniedBy,
      summary,
    };
    return l7?.http ? redactFlow(flow, this.redaction) : flow;
  }

  /** `google.protobuf.Timestamp` as Unix milliseconds, to the microsecond. */
  private timestamp(): number {
    const r = this.reader;
    let seconds = 0;
    let nanos = 0;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 8) seconds = r.uint64();
      else if (tag === 16) nanos = r.uint32();
      else r.skip(tag & 7);
    }
    r.leave(outer);
    if (seconds > MAX_SECONDS) return 0; // before 1970 or after 9999: nobody's clock
    return seconds * 1000 + Math.floor(nanos / 1000) / 1000;
  }

  private endpoint(): Endpoint {
    const r = this.reader;
    const outer = r.enter();
    const { bytes, at: from, end } = r;
    const endpoint = this.endpoints.find(bytes, from, end) ?? this.endpoints.add(bytes, from, end, this.newEndpoint());
    r.leave(outer);
    return endpoint;
  }

  private newEndpoint(): Endpoint {
    const r = this.reader;
    let id = 0;
    let identity = 0;
    let clusterName = '';
    let namespace = '';
    let podName = '';
    let labels = NONE;
    let workload: Workload | undefined;
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 ID
          id = r.uint32();
          break;
        case 16: // 2 identity
          identity = r.uint32();
          break;
        case 26: // 3 namespace
          namespace = this.shared(LIMITS.name);
          break;
        case 34: // 4 labels
          labels = this.append(labels, LIMITS.labels, LIMITS.label);
          break;
        case 42: // 5 pod_name
          podName = this.shared(LIMITS.name);
          break;
        case 50: // 6 workloads: the first is the pod's owner
          workload = this.pair((name, kind) => ({ name, kind }), workload);
          break;
        case 58: // 7 cluster_name
          clusterName = this.shared(LIMITS.name);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    if (labels.length === 0) labels = this.labelsOf(identity) ?? NONE;
    return { id, identity, clusterName, namespace, podName, labels, workload };
  }

  private ip(): NonNullable<Flow['ip']> {
    const r = this.reader;
    const outer = r.enter();
    const { bytes, at: from, end } = r;
    const ip = this.addresses.find(bytes, from, end) ?? this.addresses.add(bytes, from, end, this.newIp());
    r.leave(outer);
    return ip;
  }

  private newIp(): NonNullable<Flow['ip']> {
    const r = this.reader;
    let source = '';
    let destination = '';
    let sourceXlated = '';
    let version: 4 | 6 | 0 = 0;
    let encrypted = false;
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 10: // 1 source
          source = this.shared(LIMITS.name);
          break;
        case 18: // 2 destination
          destination = this.shared(LIMITS.name);
          break;
        case 24: // 3 ipVersion
          version = IP_VERSIONS[r.uint32()] ?? 0;
          break;
        case 32: // 4 encrypted
          encrypted = r.bool();
          break;
        case 42: // 5 source_xlated
          sourceXlated = this.shared(LIMITS.name);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    return { source, destination, sourceXlated, version, encrypted };
  }

  private layer4(): L4 | undefined {
    const r = this.reader;
    let l4: L4 | undefined;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      const protocol = (tag & 7) === 2 ? L4_BY_FIELD[(tag >>> 3) - 1] : undefined;
      if (protocol === undefined) r.skip(tag & 7);
      else l4 = this.protocol(protocol);
    }
    r.leave(outer);
    return l4;
  }

  /** TCP, UDP and SCTP carry ports in field 1 and 2, ICMP type and code; of VRRP and IGMP only the name is kept. */
  private protocol(protocol: L4Protocol): L4 {
    const r = this.reader;
    let first = 0;
    let second = 0;
    let flags = NONE;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 8) first = r.uint32();
      else if (tag === 16) second = r.uint32();
      else if (tag === 26 && protocol === 'TCP') flags = this.flags();
      else r.skip(tag & 7);
    }
    r.leave(outer);
    switch (protocol) {
      case 'TCP':
        return { protocol, sourcePort: first, destinationPort: second, flags };
      case 'UDP':
      case 'SCTP':
        return { protocol, sourcePort: first, destinationPort: second };
      case 'ICMPv4':
      case 'ICMPv6':
        return { protocol, sourcePort: 0, destinationPort: 0, icmpType: first, icmpCode: second };
      case 'VRRP':
      case 'IGMP':
        return { protocol, sourcePort: 0, destinationPort: 0 };
    }
  }

  private flags(): readonly string[] {
    const r = this.reader;
    let set = 0;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      const field = tag >>> 3;
      if ((tag & 7) !== 0 || field > TCP_FLAGS.length) r.skip(tag & 7);
      else if (r.bool()) set |= 1 << (field - 1);
    }
    r.leave(outer);
    let flags = this.flagSets.get(set);
    if (!flags) {
      flags = TCP_FLAGS.filter((_, bit) => set & (1 << bit));
      this.flagSets.set(set, flags);
    }
    return flags;
  }

  private layer7(): L7 {
    const r = this.reader;
    let type = 0;
    let latencyNs = 0;
    let http: HttpRecord | undefined;
    let dns: DnsRecord | undefined;
    let kafka: KafkaRecord | undefined;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 type
          type = r.uint32();
          break;
        case 16: // 2 latency_ns
          latencyNs = r.uint64();
          break;
        case 802: // 100 dns
          dns = this.dns();
          break;
        case 810: // 101 http
          http = this.http();
          break;
        case 818: // 102 kafka
          kafka = this.kafka();
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return {
      type: L7_TYPES[type] ?? 'UNKNOWN_L7_TYPE',
      latencyNs,
      ...(http && { http }),
      ...(dns && { dns }),
      ...(kafka && { kafka }),
    };
  }

  private http(): HttpRecord {
    const r = this.reader;
    let code = 0;
    let method = '';
    let url = '';
    let protocol = '';
    const headers: HttpRecord['headers'][number][] = [];
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 code
          code = r.uint32();
          break;
        case 18: // 2 method
          method = this.shared(LIMITS.name);
          break;
        case 26: // 3 url
          url = r.text(LIMITS.path);
          break;
        case 34: // 4 protocol
          protocol = this.shared(LIMITS.name);
          break;
        case 42: // 5 headers
          if (headers.length < LIMITS.headers) headers.push(this.header());
          else r.skip(2);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return { code, method, url, protocol, headers };
  }

  private header(): { readonly key: string; readonly value: string } {
    const r = this.reader;
    let key = '';
    let value = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 10) key = this.shared(LIMITS.headerName);
      else if (tag === 18) value = r.text(LIMITS.headerValue);
      else r.skip(tag & 7);
    }
    r.leave(outer);
    return { key, value };
  }

  private dns(): DnsRecord {
    const r = this.reader;
    let query = '';
    let ips = NONE;
    let ttl = 0;
    let cnames = NONE;
    let observationSource = '';
    let rcode = 0;
    let qtypes = NONE;
    let rrtypes = NONE;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 10: // 1 query
          query = this.shared(LIMITS.name);
          break;
        case 18: // 2 ips
          ips = this.append(ips, LIMITS.addresses, LIMITS.name);
          break;
        case 24: // 3 ttl
          ttl = r.uint32();
          break;
        case 34: // 4 cnames
          cnames = this.append(cnames, LIMITS.names, LIMITS.name);
          break;
        case 42: // 5 observation_source
          observationSource = this.shared(LIMITS.name);
          break;
        case 48: // 6 rcode
          rcode = r.uint32();
          break;
        case 58: // 7 qtypes
          qtypes = this.append(qtypes, LIMITS.names, LIMITS.name);
          break;
        case 66: // 8 rrtypes
          rrtypes = this.append(rrtypes, LIMITS.names, LIMITS.name);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return { query, ips, cnames, rcode, qtypes, rrtypes, ttl, observationSource };
  }

  private kafka(): KafkaRecord {
    const r = this.reader;
    let errorCode = 0;
    let apiVersion = 0;
    let apiKey = '';
    let correlationId = 0;
    let topic = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 error_code
          errorCode = r.int32();
          break;
        case 16: // 2 api_version
          apiVersion = r.int32();
          break;
        case 26: // 3 api_key
          apiKey = this.shared(LIMITS.name);
          break;
        case 32: // 4 correlation_id
          correlationId = r.int32();
          break;
        case 42: // 5 topic
          topic = this.shared(LIMITS.name);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return { errorCode, apiVersion, apiKey, correlationId, topic };
  }

  private eventType(): Flow['eventType'] {
    const r = this.reader;
    let type = 0;
    let subType = 0;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 8) type = r.int32();
      else if (tag === 16) subType = r.int32();
      else r.skip(tag & 7);
    }
    r.leave(outer);
    return { type, subType };
  }

  private service(): ServiceRef {
    const r = this.reader;
    const outer = r.enter();
    const { bytes, at: from, end } = r;
    let service = this.services.find(bytes, from, end);
    if (!service) {
      let name = '';
      let namespace = '';
      while (r.more()) {
        const tag = r.tag();
        if (tag === 10) name = this.shared(LIMITS.name);
        else if (tag === 18) namespace = this.shared(LIMITS.name);
        else r.skip(tag & 7);
      }
      service = this.services.add(bytes, from, end, { name, namespace });
    }
    r.leave(outer);
    return service;
  }

  private appendPolicy(list: readonly PolicyRef[]): readonly PolicyRef[] {
    const r = this.reader;
    if (list.length >= LIMITS.policies) {
      r.skip(2);
      return list;
    }
    const outer = r.enter();
    const { bytes, at: from, end } = r;
    const policy = this.policies.find(bytes, from, end) ?? this.policies.add(bytes, from, end, this.newPolicy());
    r.leave(outer);
    return [...list, policy];
  }

  private newPolicy(): PolicyRef {
    const r = this.reader;
    let name = '';
    let namespace = '';
    let labels = NONE;
    let revision = 0;
    let kind = '';
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 10: // 1 name
          name = this.shared(LIMITS.name);
          break;
        case 18: // 2 namespace
          namespace = this.shared(LIMITS.name);
          break;
        case 26: // 3 labels
          labels = this.append(labels, LIMITS.labels, LIMITS.label);
          break;
        case 32: // 4 revision
          revision = r.uint64();
          break;
        case 42: // 5 kind
          kind = this.shared(LIMITS.name);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    return { name, namespace, kind, revision, labels };
  }

  private traceContext(): string {
    const r = this.reader;
    let traceId = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag !== 10) {
        r.skip(tag & 7);
        continue;
      }
      const parent = r.enter();
      while (r.more()) {
        const inner = r.tag();
        if (inner === 10) traceId = r.text(LIMITS.name);
        else r.skip(inner & 7);
      }
      r.leave(parent);
    }
    r.leave(outer);
    return traceId;
  }

  /** `google.protobuf.BoolValue`: present and empty is false. */
  private boolValue(): boolean {
    const r = this.reader;
    let value = false;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 8) value = r.bool();
      else r.skip(tag & 7);
    }
    r.leave(outer);
    return value;
  }

  private nodeStatus(): Omit<NodeStatus, 'time'> {
    const r = this.reader;
    let state = 0;
    const nodeNames = new Set<string>(); // an aggregated error names a node once per failure
    let message = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 state_change
          state = r.uint32();
          break;
        case 18: // 2 node_names
          if (nodeNames.size < MOST_NODES) nodeNames.add(this.shared(LIMITS.name));
          else r.skip(2);
          break;
        case 26: // 3 message
          message = r.text(LIMITS.message);
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return { state: NODE_STATES[state] ?? 'UNKNOWN_NODE_STATE', nodeNames: [...nodeNames], message };
  }

  private lostEvents(): Omit<LostEvents, 'time' | 'nodeName'> {
    const r = this.reader;
    let source = 0;
    let count = 0;
    let first: number | undefined;
    let last: number | undefined;
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      switch (tag) {
        case 8: // 1 source
          source = r.uint32();
          break;
        case 16: // 2 num_events_lost
          count = r.uint64();
          break;
        case 34: // 4 first
          first = this.timestamp();
          break;
        case 42: // 5 last
          last = this.timestamp();
          break;
        default:
          r.skip(tag & 7);
      }
    }
    r.leave(outer);
    return { source: LOST_EVENT_SOURCES[source] ?? 'UNKNOWN_LOST_EVENT_SOURCE', count, first, last };
  }

  /** A short string that is likely to come again. */
  private shared(max: number): string {
    const r = this.reader;
    const start = r.at;
    const end = r.span();
    const from = r.at;
    if (from === end) return '';
    const known = this.strings.find(r.bytes, from, end);
    if (known !== undefined) {
      r.at = end;
      return known;
    }
    r.at = start;
    return this.strings.add(r.bytes, from, end, r.text(max));
  }

  private append(list: readonly string[], maxItems: number, maxLength: number): readonly string[] {
    if (list.length < maxItems) return [...list, this.shared(maxLength)];
    this.reader.skip(2);
    return list;
  }

  /** A message of two strings, fields 1 and 2; `kept` when it is already there. */
  private pair<T>(make: (first: string, second: string) => T, kept: T | undefined): T {
    const r = this.reader;
    let first = '';
    let second = '';
    const outer = r.enter();
    while (r.more()) {
      const tag = r.tag();
      if (tag === 10) first = this.shared(LIMITS.name);
      else if (tag === 18) second = this.shared(LIMITS.name);
      else r.skip(tag & 7);
    }
    r.leave(outer);
    return kept ?? make(first, second);
  }
}

/** 9999-12-31. */
const MAX_SECONDS = 253_402_300_799;
const IP_VERSIONS = [0, 4, 6] as const;

/** The name of an enum's value; none for 0, which says nothing; a newer Cilium's number as e.g. `TRACE_POINT_14`. */
const nameOf = (names: ReadonlyMap<number, string>, value: number, prefix: string): string | undefined =>
  value === 0 ? undefined : (names.get(value) ?? `${prefix}_${value}`);

const complete = (flow: Flow, nodeName: string, time: number): Flow => ({
  ...flow,
  nodeName: flow.nodeName || nodeName,
  time: flow.time || time,
});
