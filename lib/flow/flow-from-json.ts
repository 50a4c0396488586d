import { dropReasonName } from './drop-reasons.ts';
import { TCP_FLAGS, TRACE_OBSERVATION_POINTS, TRACE_REASONS } from './enums.ts';
import {
  AUTH_TYPES,
  FLOW_TYPES,
  L4_PROTOCOLS,
  L7_TYPES,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type DnsRecord,
  type Endpoint,
  type Flow,
  type HttpRecord,
  type KafkaRecord,
  type L4,
  type L7,
  type PolicyRef,
  type ServiceRef,
} from './flow.ts';
import { booleanOf, enumOf, field, listOf, numberOf, recordOf, textOf, type JsonRecord, type OnUnknown } from './json-record.ts';
import { boundList, boundText, LIMITS } from './text.ts';
import { timeOf } from './time.ts';

/** A side of a flow that Hubble says nothing about. */
export const NO_ENDPOINT: Endpoint = {
  id: 0,
  identity: 0,
  clusterName: '',
  namespace: '',
  podName: '',
  labels: [],
  workload: undefined,
};

/** All field names of `flow.Flow` of Cilium 1.19, to notice newer ones. */
const FLOW_FIELDS = new Set(
  (
    'time verdict drop_reason ethernet IP l4 source destination Type node_name source_names destination_names l7 reply event_type ' +
    'source_service destination_service traffic_direction policy_match_type trace_observation_point drop_reason_desc is_reply ' +
    'debug_capture_point interface proxy_port trace_context sock_xlate_point socket_cookie cgroup_id uuid auth_type trace_reason ' +
    'node_labels file tunnel ip_trace_id emitter egress_allowed_by ingress_allowed_by egress_denied_by ingress_denied_by policy_log ' +
    'aggregate Summary extensions'
  )
    .split(' ')
    .flatMap((name) => [name, name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())]),
);

/**
 * `flow.Flow` as protobuf JSON, checked field by field: what has the wrong type is as if it were absent. `envelope` fills in what the flow
 * itself leaves out. Undefined when no time can be had. Not redacted.
 */
export function flowOf(
  json: JsonRecord,
  envelope: { readonly time: number | undefined; readonly nodeName: string },
  onUnknown: OnUnknown | undefined,
): Flow | undefined {
  const time = timeOf(field(json, 'time')) ?? envelope.time;
  if (time === undefined) return undefined;
  if (onUnknown) for (const name in json) if (!FLOW_FIELDS.has(name)) onUnknown(`field flow.${name.slice(0, 64)}`);
  const type = enumOf(FLOW_TYPES, field(json, 'Type'), 'Type', onUnknown);
  const nodeName = textOf(field(json, 'node_name'));
  const auth = field(json, 'auth_type');
  const eventType = recordOf(field(json, 'event_type'));
  return {
    time,
    uuid: boundText(textOf(field(json, 'uuid')), LIMITS.name),
    verdict: enumOf(VERDICTS, field(json, 'verdict'), 'verdict', onUnknown),
    dropReason: dropReasonOf(json),
    authType: auth === undefined ? undefined : enumOf(AUTH_TYPES, auth, 'auth_type', onUnknown),
    ip: ipOf(recordOf(field(json, 'IP'))),
    l4: l4Of(recordOf(field(json, 'l4'))),
    source: endpointOf(recordOf(field(json, 'source'))),
    destination: endpointOf(recordOf(field(json, 'destination'))),
    type,
    nodeName: nodeName === '' ? envelope.nodeName : boundText(nodeName, LIMITS.name),
    sourceNames: namesOf(field(json, 'source_names')),
    destinationNames: namesOf(field(json, 'destination_names')),
    // A field mask below `l7` makes it appear empty on flows that have none: `Type` tells.
    l7: type === 'L7' || type === 'UNKNOWN_TYPE' ? l7Of(recordOf(field(json, 'l7')), onUnknown) : undefined,
    // Older agents have only `reply`, whose false also means unknown.
    isReply: booleanOf(field(json, 'is_reply')) ?? (field(json, 'reply') === true ? true : undefined),
    eventType: { type: numberOf(field(eventType, 'type')), subType: numberOf(field(eventType, 'sub_type')) },
    sourceService: serviceOf(recordOf(field(json, 'source_service'))),
    destinationService: serviceOf(recordOf(field(json, 'destination_service'))),
    trafficDirection: enumOf(TRAFFIC_DIRECTIONS, field(json, 'traffic_direction'), 'traffic_direction', onUnknown),
    policyMatchType: numberOf(field(json, 'policy_match_type')),
    traceObservationPoint: nameIn(TRACE_OBSERVATION_POINTS, field(json, 'trace_observation_point')),
    traceReason: nameIn(TRACE_REASONS, field(json, 'trace_reason')),
    proxyPort: numberOf(field(json, 'proxy_port')),
    traceId: boundText(textOf(field(recordOf(field(recordOf(field(json, 'trace_context')), 'parent')), 'trace_id')), LIMITS.name),
    egressAllowedBy: policiesOf(field(json, 'egress_allowed_by')),
    ingressAllowedBy: policiesOf(field(json, 'ingress_allowed_by')),
    egressDeniedBy: policiesOf(field(json, 'egress_denied_by')),
    ingressDeniedBy: policiesOf(field(json, 'ingress_denied_by')),
    summary: boundText(textOf(field(json, 'Summary')), LIMITS.message),
  };
}

/** `drop_reason_desc`, or the old number where there is no name. The zero value says nothing. */
function dropReasonOf(json: JsonRecord): string | undefined {
  const description = field(json, 'drop_reason_desc');
  const number = typeof description === 'number' ? description : numberOf(field(json, 'drop_reason'));
  const name = typeof description === 'string' ? boundText(description, LIMITS.name) : dropReasonName(number);
  return name === 'DROP_REASON_UNKNOWN' || name === '' ? undefined : name;
}

function ipOf(json: JsonRecord | undefined): Flow['ip'] {
  if (!json) return undefined;
  const version = field(json, 'ipVersion');
  return {
    source: boundText(textOf(field(json, 'source')), LIMITS.name),
    destination: boundText(textOf(field(json, 'destination')), LIMITS.name),
    sourceXlated: boundText(textOf(field(json, 'source_xlated')), LIMITS.name),
    version: version === 'IPv4' || version === 1 ? 4 : version === 'IPv6' || version === 2 ? 6 : 0,
    encrypted: field(json, 'encrypted') === true,
  };
}

function l4Of(json: JsonRecord | undefined): L4 | undefined {
  for (const protocol of L4_PROTOCOLS) {
    const header = recordOf(field(json, protocol));
    if (!header) continue;
    const flags = flagsOf(recordOf(field(header, 'flags')));
    const icmp = protocol === 'ICMPv4' || protocol === 'ICMPv6';
    return {
      protocol,
      sourcePort: numberOf(field(header, 'source_port')),
      destinationPort: numberOf(field(header, 'destination_port')),
      ...(flags.length > 0 && { flags }),
      ...(icmp && { icmpType: numberOf(field(header, 'type')), icmpCode: numberOf(field(header, 'code')) }),
    };
  }
  return undefined;
}

const flagsOf = (json: JsonRecord | undefined): readonly string[] =>
  json ? TCP_FLAGS.filter((flag) => field(json, flag) === true) : [];

function endpointOf(json: JsonRecord | undefined): Endpoint {
  if (!json) return NO_ENDPOINT;
  const workload = recordOf(listOf(field(json, 'workloads'))[0]);
  return {
    id: numberOf(field(json, 'ID')),
    identity: numberOf(field(json, 'identity')),
    clusterName: boundText(textOf(field(json, 'cluster_name')), LIMITS.name),
    namespace: boundText(textOf(field(json, 'namespace')), LIMITS.name),
    podName: boundText(textOf(field(json, 'pod_name')), LIMITS.name),
    labels: boundList(listOf(field(json, 'labels')).map(textOf), LIMITS.labels, LIMITS.label),
    workload: workload && {
      name: boundText(textOf(field(workload, 'name')), LIMITS.name),
      kind: boundText(textOf(field(workload, 'kind')), LIMITS.name),
    },
  };
}

const namesOf = (value: unknown): readonly string[] => boundList(listOf(value).map(textOf), LIMITS.names, LIMITS.name);

function serviceOf(json: JsonRecord | undefined): ServiceRef | undefined {
  return (
    json && {
      name: boundText(textOf(field(json, 'name')), LIMITS.name),
      namespace: boundText(textOf(field(json, 'namespace')), LIMITS.name),
    }
  );
}

function policiesOf(value: unknown): readonly PolicyRef[] {
  return listOf(value)
    .slice(0, LIMITS.policies)
    .map(recordOf)
    .filter((json) => json !== undefined)
    .map((json) => ({
      name: boundText(textOf(field(json, 'name')), LIMITS.name),
      namespace: boundText(textOf(field(json, 'namespace')), LIMITS.name),
      kind: boundText(textOf(field(json, 'kind')), LIMITS.name),
      revision: numberOf(field(json, 'revision')),
      labels: boundList(listOf(field(json, 'labels')).map(textOf), LIMITS.labels, LIMITS.label),
    }));
}

/** Trace points and reasons: a name as it is (a newer one is kept), a number by `names`; undefined for the zero value. */
function nameIn(names: ReadonlyMap<number, string>, value: unknown): string | undefined {
  const name = typeof value === 'string' ? boundText(value, 64) : (names.get(numberOf(value)) ?? String(numberOf(value)));
  return name === '' || name === names.get(0) ? undefined : name;
}

function l7Of(json: JsonRecord | undefined, onUnknown: OnUnknown | undefined): L7 | undefined {
  if (!json) return undefined;
  const http = recordOf(field(json, 'http'));
  const dns = recordOf(field(json, 'dns'));
  const kafka = recordOf(field(json, 'kafka'));
  return {
    type: enumOf(L7_TYPES, field(json, 'type'), 'l7.type', onUnknown),
    latencyNs: numberOf(field(json, 'latency_ns')),
    ...(http && { http: httpOf(http) }),
    ...(dns && { dns: dnsOf(dns) }),
    ...(kafka && { kafka: kafkaOf(kafka) }),
  };
}

function httpOf(json: JsonRecord): HttpRecord {
  const headers = listOf(field(json, 'headers')).slice(0, LIMITS.headers).map(recordOf);
  return {
    code: numberOf(field(json, 'code')),
    method: boundText(textOf(field(json, 'method')), LIMITS.headerName),
    url: boundText(textOf(field(json, 'url')), LIMITS.path),
    protocol: boundText(textOf(field(json, 'protocol')), LIMITS.headerName),
    headers: headers
      .filter((header) => header !== undefined)
      .map((header) => ({
        key: boundText(textOf(field(header, 'key')), LIMITS.headerName),
        value: boundText(textOf(field(header, 'value')), LIMITS.headerValue),
      })),
  };
}

function dnsOf(json: JsonRecord): DnsRecord {
  return {
    query: boundText(textOf(field(json, 'query')), LIMITS.name),
    ips: boundList(listOf(field(json, 'ips')).map(textOf), LIMITS.addresses, LIMITS.name),
    cnames: namesOf(field(json, 'cnames')),
    rcode: numberOf(field(json, 'rcode')),
    qtypes: namesOf(field(json, 'qtypes')),
    rrtypes: namesOf(field(json, 'rrtypes')),
    ttl: numberOf(field(json, 'ttl')),
    observationSource: boundText(textOf(field(json, 'observation_source')), LIMITS.name),
  };
}

function kafkaOf(json: JsonRecord): KafkaRecord {
  return {
    errorCode: numberOf(field(json, 'error_code')),
    apiVersion: numberOf(field(json, 'api_version')),
    apiKey: boundText(textOf(field(json, 'api_key')), LIMITS.name),
    correlationId: numberOf(field(json, 'correlation_id')),
    topic: boundText(textOf(field(json, 'topic')), LIMITS.name),
  };
}
