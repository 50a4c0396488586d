import {
  AUTH_TYPES,
  type Endpoint,
  EVENT_TYPE,
  type Flow,
  FLOW_TYPES,
  type L4,
  type L7,
  L7_TYPES,
  LOST_EVENT_SOURCES,
  type LostEvents,
  NODE_STATES,
  type NodeStatus,
  type PolicyRef,
  type ServiceRef,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
} from '#lib/flow/flow.ts';
import { dropReasonNumber } from '#lib/flow/drop-reasons.ts';
import { TCP_FLAGS, TRACE_OBSERVATION_POINTS, TRACE_REASONS } from '#lib/flow/enums.ts';
import { ENDPOINT_FIELDS, type FlowMask } from './flow-mask.ts';
import { WireWriter } from './wire-writer.ts';

const w = new WireWriter();

/** `observer.GetFlowsResponse` with a flow, in protobuf's wire format. `mask` undefined is every field. */
export function encodeFlow(flow: Flow, mask: FlowMask | undefined): Buffer {
  const has = (field: string): boolean => mask === undefined || mask.fields.has(field);
  if (has('time')) w.timestamp(1001, flow.time);
  if (has('node_name')) w.text(1000, flow.nodeName);
  const begun = w.begin();
  writeDecision(flow, has);
  writeEnds(flow, has, mask);
  writeTraffic(flow, has);
  w.close(1, begun);
  return w.take();
}

/** The same with a node's state; `relay` is the name of the relay's host. */
export function encodeNodeStatus({ state, nodeNames, message, time }: NodeStatus, relay: string): Buffer {
  w.timestamp(1001, time);
  w.text(1000, relay);
  const begun = w.begin();
  w.text(3, message);
  w.texts(2, nodeNames);
  w.number(1, NODE_STATES.indexOf(state));
  w.close(2, begun);
  return w.take();
}

export function encodeLostEvents({ source, count, first, last, nodeName, time }: LostEvents): Buffer {
  w.timestamp(1001, time);
  w.text(1000, nodeName);
  const begun = w.begin();
  if (last !== undefined) w.timestamp(5, last);
  if (first !== undefined) w.timestamp(4, first);
  w.number(2, count);
  w.number(1, LOST_EVENT_SOURCES.indexOf(source));
  w.close(3, begun);
  return w.take();
}

type Has = (field: string) => boolean;

/** What became of it, and why. */
function writeDecision(flow: Flow, has: Has): void {
  const reason = flow.dropReason === undefined ? 0 : (dropReasonNumber(flow.dropReason) ?? 0);
  if (has('Summary')) w.text(100_000, flow.summary);
  if (has('ingress_denied_by')) writePolicies(21_005, flow.ingressDeniedBy);
  if (has('egress_denied_by')) writePolicies(21_004, flow.egressDeniedBy);
  if (has('ingress_allowed_by')) writePolicies(21_002, flow.ingressAllowedBy);
  if (has('egress_allowed_by')) writePolicies(21_001, flow.egressAllowedBy);
  if (has('emitter')) w.message(41, EMITTER);
  if (has('trace_reason')) w.number(36, numberOf(TRACE_REASONS, flow.traceReason));
  if (has('auth_type') && flow.authType !== undefined) w.number(35, AUTH_TYPES.indexOf(flow.authType));
  if (has('drop_reason_desc')) w.number(25, reason);
  if (has('trace_observation_point')) w.number(24, numberOf(TRACE_OBSERVATION_POINTS, flow.traceObservationPoint));
  if (has('policy_match_type')) w.number(23, flow.policyMatchType);
  if (has('traffic_direction')) w.number(22, TRAFFIC_DIRECTIONS.indexOf(flow.trafficDirection));
  if (has('drop_reason')) w.number(3, reason);
  if (has('verdict')) w.number(2, VERDICTS.indexOf(flow.verdict));
}

/** Who talks, and where it was seen. */
function writeEnds(flow: Flow, has: Has, mask: FlowMask | undefined): void {
  if (has('destination_service')) writeService(21, flow.destinationService);
  if (has('source_service')) writeService(20, flow.sourceService);
  if (has('destination_names')) w.texts(14, flow.destinationNames);
  if (has('source_names')) w.texts(13, flow.sourceNames);
  if (has('node_name')) w.text(11, flow.nodeName);
  if (has('destination')) w.message(9, endpointBytes(flow.destination, mask?.destination));
  if (has('source')) w.message(8, endpointBytes(flow.source, mask?.source));
}

/** What was sent, and when. */
function writeTraffic(flow: Flow, has: Has): void {
  if (has('uuid')) w.text(34, flow.uuid);
  if (has('sock_xlate_point') && flow.eventType.type === EVENT_TYPE.socket) w.number(31, flow.eventType.subType);
  if (has('trace_context') && flow.traceId !== '') writeTraceContext(flow.traceId);
  if (has('proxy_port')) w.number(29, flow.proxyPort);
  if (has('is_reply') && flow.isReply !== undefined) {
    const begun = w.begin();
    w.flag(1, flow.isReply);
    w.close(26, begun);
  }
  if (has('event_type')) {
    const begun = w.begin();
    w.number(2, flow.eventType.subType);
    w.number(1, flow.eventType.type);
    w.close(19, begun);
  }
  if (has('reply')) w.flag(16, flow.isReply === true);
  if (has('l7') && flow.l7) writeL7(flow.l7);
  if (has('Type')) w.number(10, FLOW_TYPES.indexOf(flow.type));
  if (has('l4') && flow.l4) writeL4(flow.l4);
  if (has('IP') && flow.ip) writeIp(flow.ip);
  if (has('time')) w.timestamp(1, flow.time);
}

function writeTraceContext(traceId: string): void {
  const begun = w.begin();
  w.text(1, traceId);
  w.close(1, begun);
  w.close(30, begun);
}

function writeIp({ source, destination, sourceXlated, version, encrypted }: NonNullable<Flow['ip']>): void {
  const begun = w.begin();
  w.text(5, sourceXlated);
  w.flag(4, encrypted);
  w.number(3, version === 0 ? 0 : version === 4 ? 1 : 2);
  w.text(2, destination);
  w.text(1, source);
  w.close(5, begun);
}

const L4_FIELD: Readonly<Record<L4['protocol'], number>> = { TCP: 1, UDP: 2, ICMPv4: 3, ICMPv6: 4, SCTP: 5, VRRP: 6, IGMP: 7 };

function writeL4(l4: L4): void {
  const begun = w.begin();
  if (l4.flags && l4.flags.length > 0) {
    for (const [index, flag] of TCP_FLAGS.entries()) w.flag(index + 1, l4.flags.includes(flag));
    w.close(3, begun);
  }
  w.number(2, l4.icmpType === undefined ? l4.destinationPort : (l4.icmpCode ?? 0));
  w.number(1, l4.icmpType ?? l4.sourcePort);
  w.close(L4_FIELD[l4.protocol], begun);
  w.close(6, begun);
}

function writeL7({ type, latencyNs, http, dns, kafka }: L7): void {
  const begun = w.begin();
  if (dns) {
    w.texts(8, dns.rrtypes);
    w.texts(7, dns.qtypes);
    w.number(6, dns.rcode);
    w.text(5, dns.observationSource);
    w.texts(4, dns.cnames);
    w.number(3, dns.ttl);
    w.texts(2, dns.ips);
    w.text(1, dns.query);
    w.close(100, begun);
  } else if (http) {
    for (const { key, value } of http.headers.toReversed()) {
      const header = w.begin();
      w.text(2, value);
      w.text(1, key);
      w.close(5, header);
    }
    w.text(4, http.protocol);
    w.text(3, http.url);
    w.text(2, http.method);
    w.number(1, http.code);
    w.close(101, begun);
  } else if (kafka) {
    w.text(5, kafka.topic);
    w.number(4, kafka.correlationId);
    w.text(3, kafka.apiKey);
    w.number(2, kafka.apiVersion);
    w.number(1, kafka.errorCode);
    w.close(102, begun);
  }
  w.number(2, latencyNs);
  w.number(1, L7_TYPES.indexOf(type));
  w.close(15, begun);
}

function writeService(field: number, service: ServiceRef | undefined): void {
  if (!service) return;
  const begun = w.begin();
  w.text(2, service.namespace);
  w.text(1, service.name);
  w.close(field, begun);
}

function writePolicies(field: number, policies: readonly PolicyRef[]): void {
  for (const { name, namespace, labels, revision, kind } of policies.toReversed()) {
    const begun = w.begin();
    w.text(5, kind);
    w.number(4, revision);
    w.texts(3, labels);
    w.text(2, namespace);
    w.text(1, name);
    w.close(field, begun);
  }
}

const EVERY_FIELD: ReadonlySet<string> = new Set(ENDPOINT_FIELDS);
const encoded = new WeakMap<ReadonlySet<string>, WeakMap<Endpoint, Buffer>>();

/** Endpoints are shared objects: each is encoded once for each mask. */
function endpointBytes(endpoint: Endpoint, fields: ReadonlySet<string> = EVERY_FIELD): Buffer {
  let cache = encoded.get(fields);
  if (!cache) encoded.set(fields, (cache = new WeakMap()));
  let bytes = cache.get(endpoint);
  if (!bytes) cache.set(endpoint, (bytes = encodeEndpoint(endpoint, fields)));
  return bytes;
}

function encodeEndpoint(endpoint: Endpoint, fields: ReadonlySet<string>): Buffer {
  const { id, identity, clusterName, namespace, podName, labels, workload } = endpoint;
  const own = new WireWriter(); // the shared one is in the middle of a flow
  if (fields.has('cluster_name')) own.text(7, clusterName);
  if (fields.has('workloads') && workload) {
    const begun = own.begin();
    own.text(2, workload.kind);
    own.text(1, workload.name);
    own.close(6, begun);
  }
  if (fields.has('pod_name')) own.text(5, podName);
  if (fields.has('labels')) own.texts(4, labels);
  if (fields.has('namespace')) own.text(3, namespace);
  if (fields.has('identity')) own.number(2, identity);
  if (fields.has('ID')) own.number(1, id);
  return own.take();
}

/** The number of an enum's value by name; 0 for none. */
function numberOf(names: ReadonlyMap<number, string>, name: string | undefined): number {
  if (name !== undefined) for (const [value, known] of names) if (known === name) return value;
  return 0;
}

const EMITTER = (() => {
  w.text(2, '1.19.0');
  w.text(1, 'Hubble');
  return w.take();
})();
