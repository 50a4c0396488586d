import { dnsRcodeName } from '#lib/flow/dns.ts';
import { EVENT_TYPE, type Endpoint, type Flow, type PolicyRef } from '#lib/flow/flow.ts';

/** Everything a flow says, in groups for the drawer. Empty fields are left out: what Hubble did not say is not shown as a value. */

export interface Fact {
  readonly label: string;
  readonly value: string;
  /** Identifiers and addresses stand in the mono face. */
  readonly mono?: boolean;
  /** A filter that selects flows with the same value, e.g. `node:ip-10-20-1-11`. */
  readonly filter?: { readonly key: string; readonly value: string };
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

export function factGroups(flow: Flow): FactGroup[] {
  return [
    { title: 'Source', facts: endpointFacts(flow.source, flow, 'source') },
    { title: 'Destination', facts: endpointFacts(flow.destination, flow, 'destination') },
    { title: 'Network', facts: networkFacts(flow) },
    { title: 'HTTP', facts: httpFacts(flow) },
    { title: 'DNS', facts: dnsFacts(flow) },
    { title: 'Kafka', facts: kafkaFacts(flow) },
    { title: 'Seen at', facts: seenFacts(flow) },
  ].filter(({ facts }) => facts.length > 0);
}

/** Where a policy's name leads: `kind namespace/name`, the revision in the title. */
export const policyName = ({ namespace, name }: PolicyRef): string => (namespace ? `${namespace}/${name}` : name);

function endpointFacts(endpoint: Endpoint, flow: Flow, side: 'source' | 'destination'): Fact[] {
  const from = side === 'source' ? 'from-' : 'to-';
  const names = side === 'source' ? flow.sourceNames : flow.destinationNames;
  const service = side === 'source' ? flow.sourceService : flow.destinationService;
  const address = side === 'source' ? flow.ip?.source : flow.ip?.destination;
  const port = side === 'source' ? flow.l4?.sourcePort : flow.l4?.destinationPort;
  const { workload, namespace, podName, identity } = endpoint;
  return facts([
    ['Namespace', namespace, { key: `${from}ns`, value: namespace }],
    ['Pod', podName, { key: `${from}pod`, value: namespace ? `${namespace}/${podName}` : podName }],
    [
      'Workload',
      workload && (workload.kind ? `${workload.kind} ${workload.name}` : workload.name),
      workload && { key: `${from}workload`, value: namespace ? `${namespace}/${workload.name}` : workload.name },
    ],
    ['Service', service?.name && (service.namespace ? `${service.namespace}/${service.name}` : service.name)],
    ['Names', names.join(', ')],
    [
      'Address',
      address && (port ? socketText(address, port) : address),
      address ? { key: `${from}ip`, value: address } : undefined,
    ],
    side === 'source' ? ['After NAT', flow.ip?.sourceXlated] : undefined,
    ['Identity', identity > 0 ? String(identity) : undefined, { key: `${from}identity`, value: String(identity) }],
    ['Endpoint', endpoint.id > 0 ? String(endpoint.id) : undefined],
    ['Cluster', endpoint.clusterName],
  ]);
}

function networkFacts(flow: Flow): Fact[] {
  const { l4, ip } = flow;
  const icmp = l4?.icmpType === undefined ? undefined : `type ${l4.icmpType}, code ${l4.icmpCode ?? 0}`;
  return facts([
    ['Protocol', l4?.protocol, l4 && { key: 'proto', value: l4.protocol.toLowerCase() }],
    ['Ports', l4 && l4.destinationPort > 0 ? `${l4.sourcePort} → ${l4.destinationPort}` : undefined],
    ['Flags', l4?.flags?.join(', ')],
    ['ICMP', icmp],
    ['IP version', ip?.version ? String(ip.version) : undefined],
    ['Direction', DIRECTIONS[flow.trafficDirection]],
    ['Reply', flow.isReply === undefined ? 'not known at this point' : flow.isReply ? 'yes' : 'no'],
    ['Outer packet', ip ? (ip.encrypted ? 'encrypted' : 'not encrypted') : undefined],
    ['Authentication', flow.authType && AUTHENTICATION[flow.authType]],
  ]);
}

function httpFacts({ l7 }: Flow): Fact[] {
  const http = l7?.http;
  if (!http) return [];
  return facts([
    ['Kind', l7.type === 'REQUEST' ? 'request' : l7.type === 'RESPONSE' ? 'response' : undefined],
    ['Method', http.method, { key: 'method', value: http.method }],
    ['URL', http.url],
    ['Status', http.code > 0 ? String(http.code) : undefined, { key: 'status', value: String(http.code) }],
    ['Latency', l7.latencyNs > 0 ? latencyText(l7.latencyNs) : undefined],
    ['Version', http.protocol],
    ...http.headers.map(({ key, value }): Candidate => [`Header ${key}`, value]),
  ]);
}

function dnsFacts({ l7 }: Flow): Fact[] {
  const dns = l7?.dns;
  if (!dns) return [];
  return facts([
    ['Query', dns.query],
    ['Types', dns.qtypes.join(', ')],
    ['Result', l7.type === 'RESPONSE' ? dnsRcodeName(dns.rcode) : undefined],
    ['Addresses', dns.ips.join(', ')],
    ['CNAMEs', dns.cnames.join(', ')],
    ['TTL', dns.ttl > 0 ? `${dns.ttl} s` : undefined],
    ['Seen by', dns.observationSource],
    ['Latency', l7.latencyNs > 0 ? latencyText(l7.latencyNs) : undefined],
  ]);
}

function kafkaFacts({ l7 }: Flow): Fact[] {
  const kafka = l7?.kafka;
  if (!kafka) return [];
  return facts([
    ['API', kafka.apiKey && `${kafka.apiKey} v${kafka.apiVersion}`],
    ['Topic', kafka.topic],
    ['Error code', kafka.errorCode === 0 ? '0 (none)' : String(kafka.errorCode)],
    ['Correlation', String(kafka.correlationId)],
  ]);
}

function seenFacts(flow: Flow): Fact[] {
  const { type, subType } = flow.eventType;
  const event = EVENTS.get(type) ?? `type ${type}`;
  return facts([
    ['Node', flow.nodeName, { key: 'node', value: flow.nodeName }],
    ['Event', subType > 0 && flow.traceObservationPoint === undefined ? `${event}, sub-type ${subType}` : event],
    ['Trace point', flow.traceObservationPoint],
    ['Trace reason', flow.traceReason],
    ['Proxy port', flow.proxyPort > 0 ? String(flow.proxyPort) : undefined],
    ['Policy match', flow.policyMatchType > 0 ? POLICY_MATCHES[flow.policyMatchType] : undefined],
    ['Trace id', flow.traceId, { key: 'trace', value: flow.traceId }],
    ['Flow id', flow.uuid],
  ]);
}

type Candidate = readonly [label: string, value: string | undefined, filter?: Fact['filter'] | undefined];

/** Candidates that have a value. */
const facts = (candidates: readonly (Candidate | undefined)[]): Fact[] =>
  candidates.flatMap((candidate) => {
    const [label, value, filter] = candidate ?? ['', undefined];
    if (!value) return [];
    return [{ label, value, mono: !PLAIN.has(label), ...(filter ? { filter } : {}) }];
  });

/** Facts told in words rather than in identifiers. */
const PLAIN = new Set(['Reply', 'Outer packet', 'Authentication', 'Direction', 'Kind', 'Event', 'Policy match']);

const DIRECTIONS = { INGRESS: 'ingress', EGRESS: 'egress', TRAFFIC_DIRECTION_UNKNOWN: undefined } as const;

const AUTHENTICATION = { DISABLED: 'not required', SPIRE: 'SPIRE', TEST_ALWAYS_FAIL: 'test, always fails' } as const;

const EVENTS = new Map<number, string>([
  [EVENT_TYPE.drop, 'drop'],
  [EVENT_TYPE.debug, 'debug'],
  [EVENT_TYPE.capture, 'capture'],
  [EVENT_TYPE.trace, 'trace'],
  [EVENT_TYPE.policyVerdict, 'policy verdict'],
  [EVENT_TYPE.socket, 'socket trace'],
  [EVENT_TYPE.l7, 'access log of the L7 proxy'],
  [EVENT_TYPE.agent, 'agent'],
]);

/** `policy_match_type`, see `Flow`. */
const POLICY_MATCHES = [
  '',
  'by peer',
  'by peer and port',
  'by port',
  'everything is allowed',
  'by peer and protocol',
  'by protocol',
];

const socketText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Nanoseconds as a time for people: `8.2 ms`. */
function latencyText(nanoseconds: number): string {
  const ms = nanoseconds / 1e6;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(2)} s`;
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${Math.round(nanoseconds / 1e3)} µs`;
}
