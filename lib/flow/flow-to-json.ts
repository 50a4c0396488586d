import { dropReasonNumber } from './drop-reasons.ts';
import type { Endpoint, Flow, L4, L7, PolicyRef, StreamEvent } from './flow.ts';
import { rfc3339 } from './time.ts';

/** JSON without what is at its zero value, as protobuf JSON leaves it out. */
type Json = { [name: string]: unknown };

const isZero = (value: unknown): boolean =>
  value === undefined || value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);

/** `fields` without zero values; undefined values of wrappers stay out, their `false` stays in (`keep`). */
function compact(fields: Json, keep: Json = {}): Json {
  const entries = Object.entries(fields).filter(([, value]) => !isZero(value));
  return Object.fromEntries([...entries, ...Object.entries(keep).filter(([, value]) => value !== undefined)]);
}

/** Enum values whose zero value protobuf JSON leaves out. */
const nonZero = (name: string, zero: string): string => (name === zero ? '' : name);

/** A flow as Hubble's exporter writes it (`flow.Flow` as protobuf JSON, snake_case), for captures and downloads. */
export function flowToJson(flow: Flow): Json {
  const reason = flow.dropReason === undefined ? undefined : dropReasonNumber(flow.dropReason);
  const named = reason !== undefined && !/^DROP_REASON_\d+$/.test(flow.dropReason ?? '');
  return compact(
    {
      time: rfc3339(flow.time),
      uuid: flow.uuid,
      verdict: nonZero(flow.verdict, 'VERDICT_UNKNOWN'),
      drop_reason: reason,
      source_names: flow.sourceNames,
      destination_names: flow.destinationNames,
      Type: nonZero(flow.type, 'UNKNOWN_TYPE'),
      node_name: flow.nodeName,
      reply: flow.isReply,
      traffic_direction: nonZero(flow.trafficDirection, 'TRAFFIC_DIRECTION_UNKNOWN'),
      policy_match_type: flow.policyMatchType,
      trace_observation_point: flow.traceObservationPoint,
      trace_reason: flow.traceReason,
      proxy_port: flow.proxyPort,
      Summary: flow.summary,
      egress_allowed_by: flow.egressAllowedBy.map(policyToJson),
      ingress_allowed_by: flow.ingressAllowedBy.map(policyToJson),
      egress_denied_by: flow.egressDeniedBy.map(policyToJson),
      ingress_denied_by: flow.ingressDeniedBy.map(policyToJson),
    },
    {
      // A number that has no name yet is written as the number, which protobuf JSON allows.
      drop_reason_desc: named || reason === undefined ? flow.dropReason : reason,
      auth_type: flow.authType,
      IP: flow.ip && ipToJson(flow.ip),
      l4: flow.l4 && l4ToJson(flow.l4),
      source: endpointToJson(flow.source),
      destination: endpointToJson(flow.destination),
      l7: flow.l7 && l7ToJson(flow.l7),
      is_reply: flow.isReply,
      event_type:
        flow.eventType.type === 0 && flow.eventType.subType === 0
          ? undefined
          : compact({ type: flow.eventType.type, sub_type: flow.eventType.subType }),
      source_service: flow.sourceService && compact({ ...flow.sourceService }),
      destination_service: flow.destinationService && compact({ ...flow.destinationService }),
      trace_context: flow.traceId === '' ? undefined : { parent: { trace_id: flow.traceId } },
    },
  );
}

/** One line of an exporter file, without its newline: what `parseLine` reads back as the same event (a gap has no such form). */
export function eventToLine(event: Exclude<StreamEvent, { kind: 'gap' }>): string {
  switch (event.kind) {
    case 'flow':
      return flowToLine(event.flow);
    case 'node-status': {
      const { state, nodeNames, message, time } = event.status;
      const status = compact({ state_change: nonZero(state, 'UNKNOWN_NODE_STATE'), node_names: nodeNames, message });
      return JSON.stringify({ node_status: status, time: rfc3339(time) });
    }
    case 'lost-events': {
      const { source, count, first, last, nodeName, time } = event.lost;
      const lost = compact(
        { source: nonZero(source, 'UNKNOWN_LOST_EVENT_SOURCE') },
        {
          num_events_lost: String(count),
          first: first === undefined ? undefined : rfc3339(first),
          last: last === undefined ? undefined : rfc3339(last),
        },
      );
      return JSON.stringify({ lost_events: lost, node_name: nodeName, time: rfc3339(time) });
    }
  }
}

/** A flow as one line of an exporter file. */
export const flowToLine = (flow: Flow): string =>
  JSON.stringify({ flow: flowToJson(flow), node_name: flow.nodeName, time: rfc3339(flow.time) });

const ipToJson = ({ source, destination, sourceXlated, version, encrypted }: NonNullable<Flow['ip']>): Json =>
  compact({ source, source_xlated: sourceXlated, destination, ipVersion: version === 0 ? '' : `IPv${version}`, encrypted });

function l4ToJson({ protocol, sourcePort, destinationPort, flags, icmpType, icmpCode }: L4): Json {
  const set = flags && Object.fromEntries(flags.map((flag) => [flag, true]));
  return {
    [protocol]: compact({
      source_port: sourcePort,
      destination_port: destinationPort,
      type: icmpType,
      code: icmpCode,
      flags: set,
    }),
  };
}

function endpointToJson(endpoint: Endpoint): Json | undefined {
  const { id, identity, clusterName, namespace, labels, podName, workload } = endpoint;
  const json = compact({
    ID: id,
    identity,
    cluster_name: clusterName,
    namespace,
    labels,
    pod_name: podName,
    workloads: workload && [compact({ ...workload })],
  });
  return Object.keys(json).length === 0 ? undefined : json;
}

const policyToJson = ({ name, namespace, labels, revision, kind }: PolicyRef): Json =>
  compact({ name, namespace, labels, revision: revision === 0 ? '' : String(revision), kind });

function l7ToJson({ type, latencyNs, http, dns, kafka }: L7): Json {
  return compact(
    { type: nonZero(type, 'UNKNOWN_L7_TYPE'), latency_ns: latencyNs === 0 ? '' : String(latencyNs) },
    {
      http: http && compact({ ...http, headers: http.headers.map((header) => compact({ ...header })) }),
      dns:
        dns &&
        compact({
          query: dns.query,
          ips: dns.ips,
          ttl: dns.ttl,
          cnames: dns.cnames,
          observation_source: dns.observationSource,
          rcode: dns.rcode,
          qtypes: dns.qtypes,
          rrtypes: dns.rrtypes,
        }),
      kafka:
        kafka &&
        compact({
          error_code: kafka.errorCode,
          api_version: kafka.apiVersion,
          api_key: kafka.apiKey,
          correlation_id: kafka.correlationId,
          topic: kafka.topic,
        }),
    },
  );
}
