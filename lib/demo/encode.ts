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

/** `observer.GetFlowsResponse` with a flow, in protobuf's wire format. `mask` undefined is every field. */
export function encodeFlow(flow: Flow, mask: FlowMask | undefined): Buffer {
  return response(
    1,
    flowMessage(flow, mask),
    allows(mask, 'node_name') ? flow.nodeName : '',
    allows(mask, 'time') ? flow.time : 0,
  );
}

/** The same with a node's state; `relay` is the name of the relay's host. */
export function encodeNodeStatus({ state, nodeNames, message, time }: NodeStatus, relay: string): Buffer {
  const body = [number(1, NODE_STATES.indexOf(state)), ...nodeNames.map((name) => text(2, name)), text(3, message)];
  return response(2, Buffer.concat(body), relay, time);
}

export function encodeLostEvents({ source, count, first, last, nodeName, time }: LostEvents): Buffer {
  const body = [
    number(1, LOST_EVENT_SOURCES.indexOf(source)),
    number(2, count),
    first === undefined ? EMPTY : timestamp(4, first),
    last === undefined ? EMPTY : timestamp(5, last),
  ];
  return response(3, Buffer.concat(body), nodeName, time);
}

const EMPTY = Buffer.alloc(0);

const response = (field: number, body: Buffer, nodeName: string, time: number): Buffer =>
  Buffer.concat([message(field, body), text(1000, nodeName), time === 0 ? EMPTY : timestamp(1001, time)]);

const allows = (mask: FlowMask | undefined, field: string): boolean => mask === undefined || mask.fields.has(field);

function flowMessage(flow: Flow, mask: FlowMask | undefined): Buffer {
  const parts: Buffer[] = [];
  const put = (field: string, encode: () => Buffer) => {
    if (allows(mask, field)) parts.push(encode());
  };
  put('time', () => timestamp(1, flow.time));
  put('uuid', () => text(34, flow.uuid));
  put('verdict', () => number(2, VERDICTS.indexOf(flow.verdict)));
  const reason = flow.dropReason === undefined ? 0 : (dropReasonNumber(flow.dropReason) ?? 0);
  put('drop_reason', () => number(3, reason));
  put('drop_reason_desc', () => number(25, reason));
  put('auth_type', () => (flow.authType === undefined ? EMPTY : number(35, AUTH_TYPES.indexOf(flow.authType))));
  put('IP', () => ipMessage(flow));
  put('l4', () => (flow.l4 ? message(6, l4Message(flow.l4)) : EMPTY));
  put('source', () => message(8, endpointMessage(flow.source, mask?.source)));
  put('destination', () => message(9, endpointMessage(flow.destination, mask?.destination)));
  put('Type', () => number(10, FLOW_TYPES.indexOf(flow.type)));
  put('node_name', () => text(11, flow.nodeName));
  put('source_names', () => texts(13, flow.sourceNames));
  put('destination_names', () => texts(14, flow.destinationNames));
  put('l7', () => (flow.l7 ? message(15, l7Message(flow.l7)) : EMPTY));
  put('reply', () => number(16, flow.isReply ? 1 : 0));
  put('is_reply', () => (flow.isReply === undefined ? EMPTY : message(26, number(1, flow.isReply ? 1 : 0))));
  put('event_type', () => message(19, Buffer.concat([number(1, flow.eventType.type), number(2, flow.eventType.subType)])));
  put('source_service', () => serviceMessage(20, flow.sourceService));
  put('destination_service', () => serviceMessage(21, flow.destinationService));
  put('traffic_direction', () => number(22, TRAFFIC_DIRECTIONS.indexOf(flow.trafficDirection)));
  put('policy_match_type', () => number(23, flow.policyMatchType));
  put('trace_observation_point', () => number(24, numberOf(TRACE_OBSERVATION_POINTS, flow.traceObservationPoint)));
  put('trace_reason', () => number(36, numberOf(TRACE_REASONS, flow.traceReason)));
  put('proxy_port', () => number(29, flow.proxyPort));
  put('trace_context', () => (flow.traceId ? message(30, message(1, text(1, flow.traceId))) : EMPTY));
  put('sock_xlate_point', () => (flow.eventType.type === EVENT_TYPE.socket ? number(31, flow.eventType.subType) : EMPTY));
  put('emitter', () => EMITTER);
  put('egress_allowed_by', () => policies(21_001, flow.egressAllowedBy));
  put('ingress_allowed_by', () => policies(21_002, flow.ingressAllowedBy));
  put('egress_denied_by', () => policies(21_004, flow.egressDeniedBy));
  put('ingress_denied_by', () => policies(21_005, flow.ingressDeniedBy));
  put('Summary', () => text(100_000, flow.summary));
  return Buffer.concat(parts);
}

function ipMessage({ ip }: Flow): Buffer {
  if (!ip) return EMPTY;
  const version = ip.version === 0 ? 0 : ip.version === 4 ? 1 : 2;
  const body = [text(1, ip.source), text(2, ip.destination), number(3, version), number(4, ip.encrypted ? 1 : 0)];
  return message(5, Buffer.concat([...body, text(5, ip.sourceXlated)]));
}

const L4_FIELD: Readonly<Record<L4['protocol'], number>> = { TCP: 1, UDP: 2, ICMPv4: 3, ICMPv6: 4, SCTP: 5, VRRP: 6, IGMP: 7 };

function l4Message(l4: L4): Buffer {
  const [first, second] = l4.icmpType === undefined ? [l4.sourcePort, l4.destinationPort] : [l4.icmpType, l4.icmpCode ?? 0];
  const flags = l4.flags && l4.flags.length > 0 ? message(3, flagsMessage(l4.flags)) : EMPTY;
  return message(L4_FIELD[l4.protocol], Buffer.concat([number(1, first), number(2, second), flags]));
}

const flagsMessage = (flags: readonly string[]): Buffer =>
  Buffer.concat(TCP_FLAGS.map((flag, index) => number(index + 1, flags.includes(flag) ? 1 : 0)));

function l7Message({ type, latencyNs, http, dns, kafka }: L7): Buffer {
  const parts = [number(1, L7_TYPES.indexOf(type)), number(2, latencyNs)];
  if (dns) {
    const { query, ips, ttl, cnames, observationSource, rcode, qtypes, rrtypes } = dns;
    const names = [text(1, query), texts(2, ips), number(3, ttl), texts(4, cnames), text(5, observationSource)];
    parts.push(message(100, Buffer.concat([...names, number(6, rcode), texts(7, qtypes), texts(8, rrtypes)])));
  }
  if (http) {
    const { code, method, url, protocol, headers } = http;
    const pairs = headers.map(({ key, value }) => message(5, Buffer.concat([text(1, key), text(2, value)])));
    parts.push(message(101, Buffer.concat([number(1, code), text(2, method), text(3, url), text(4, protocol), ...pairs])));
  }
  if (kafka) {
    const { errorCode, apiVersion, apiKey, correlationId, topic } = kafka;
    const body = [number(1, errorCode), number(2, apiVersion), text(3, apiKey), number(4, correlationId), text(5, topic)];
    parts.push(message(102, Buffer.concat(body)));
  }
  return Buffer.concat(parts);
}

const EVERY_FIELD: ReadonlySet<string> = new Set(ENDPOINT_FIELDS);
const endpointBytes = new WeakMap<ReadonlySet<string>, WeakMap<Endpoint, Buffer>>();

/** Endpoints are shared objects: each is encoded once for each mask. */
function endpointMessage(endpoint: Endpoint, fields: ReadonlySet<string> = EVERY_FIELD): Buffer {
  let cache = endpointBytes.get(fields);
  if (!cache) endpointBytes.set(fields, (cache = new WeakMap()));
  let bytes = cache.get(endpoint);
  if (!bytes) cache.set(endpoint, (bytes = encodeEndpoint(endpoint, fields)));
  return bytes;
}

function encodeEndpoint(endpoint: Endpoint, fields: ReadonlySet<string>): Buffer {
  const { id, identity, clusterName, namespace, podName, labels, workload } = endpoint;
  return Buffer.concat([
    fields.has('ID') ? number(1, id) : EMPTY,
    fields.has('identity') ? number(2, identity) : EMPTY,
    fields.has('namespace') ? text(3, namespace) : EMPTY,
    fields.has('labels') ? texts(4, labels) : EMPTY,
    fields.has('pod_name') ? text(5, podName) : EMPTY,
    workload && fields.has('workloads') ? message(6, Buffer.concat([text(1, workload.name), text(2, workload.kind)])) : EMPTY,
    fields.has('cluster_name') ? text(7, clusterName) : EMPTY,
  ]);
}

const serviceMessage = (field: number, service: ServiceRef | undefined): Buffer =>
  service ? message(field, Buffer.concat([text(1, service.name), text(2, service.namespace)])) : EMPTY;

const policies = (field: number, refs: readonly PolicyRef[]): Buffer =>
  refs.length === 0 ? EMPTY : Buffer.concat(refs.map((ref) => message(field, policyMessage(ref))));

const policyMessage = ({ name, namespace, labels, revision, kind }: PolicyRef): Buffer =>
  Buffer.concat([text(1, name), text(2, namespace), texts(3, labels), number(4, revision), text(5, kind)]);

/** The number of an enum's value by name; 0 for none. */
function numberOf(names: ReadonlyMap<number, string>, name: string | undefined): number {
  if (name !== undefined) for (const [value, known] of names) if (known === name) return value;
  return 0;
}

function timestamp(field: number, ms: number): Buffer {
  const micros = Math.round(ms * 1000);
  const seconds = Math.floor(micros / 1e6);
  return message(field, Buffer.concat([number(1, seconds), number(2, (micros - seconds * 1e6) * 1000)]));
}

/** A varint field; absent at zero, as proto3 has it. */
const number = (field: number, value: number): Buffer =>
  value === 0 ? EMPTY : Buffer.from([...varint(field * 8), ...varint(value)]);

const text = (field: number, value: string): Buffer => (value === '' ? EMPTY : message(field, Buffer.from(value)));

const texts = (field: number, values: readonly string[]): Buffer =>
  values.length === 0 ? EMPTY : Buffer.concat(values.map((value) => message(field, Buffer.from(value))));

const message = (field: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

const EMITTER = message(41, Buffer.concat([text(1, 'Hubble'), text(2, '1.19.0')]));
