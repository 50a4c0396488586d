import * as fc from 'fast-check';
import { DROP_REASON_NAMES, dropReasonNumber } from '#lib/flow/drop-reasons.ts';
import { dropOf, type Drop } from '#lib/flow/drops.ts';
import { TCP_FLAGS, TRACE_OBSERVATION_POINTS, TRACE_REASONS } from '#lib/flow/enums.ts';
import {
  AUTH_TYPES,
  FLOW_TYPES,
  L4_PROTOCOLS,
  L7_TYPES,
  TRAFFIC_DIRECTIONS,
  VERDICTS,
  type Endpoint,
  type Flow,
  type L7,
} from '#lib/flow/flow.ts';

/** A pod of `payments/checkout-api`, or what `overrides` say. */
export const anEndpoint = (overrides: Partial<Endpoint> = {}): Endpoint => ({
  id: 187,
  identity: 24110,
  clusterName: 'aegis-production',
  namespace: 'payments',
  podName: 'checkout-api-7d9f6c5b8-qgjtc',
  labels: ['k8s:app=checkout-api', 'k8s:io.kubernetes.pod.namespace=payments', 'k8s:tier=api'],
  workload: { name: 'checkout-api', kind: 'Deployment' },
  ...overrides,
});

/** A pod of `payments/ledger`. */
export const ledger: Endpoint = anEndpoint({
  id: 234,
  identity: 24587,
  podName: 'ledger-6b8d4f7c9-6tv7c',
  labels: ['k8s:app=ledger', 'k8s:io.kubernetes.pod.namespace=payments', 'k8s:tier=core'],
  workload: { name: 'ledger', kind: 'Deployment' },
});

const outside = (identity: number, label: string): Endpoint => ({
  id: 0,
  identity,
  clusterName: '',
  namespace: '',
  podName: '',
  labels: [label],
  workload: undefined,
});

/** Anything outside the cluster. */
export const world: Endpoint = outside(2, 'reserved:world');
/** The node itself. */
export const host: Endpoint = outside(1, 'reserved:host');

/**
 * `payments/checkout-api` opens a connection to `payments/ledger:9090`, forwarded; or what `overrides` say. Event type, flow type and
 * direction follow from verdict and `l7` where they are not given.
 */
export function aFlow(overrides: Partial<Flow> = {}): Flow {
  const { verdict = 'FORWARDED', l7, dropReason } = overrides;
  const dropped = verdict === 'DROPPED' && !l7;
  return {
    time: Date.UTC(2026, 2, 2, 14),
    uuid: '18ea69c0-9145-4f7b-8000-000000000001',
    verdict,
    dropReason: undefined,
    authType: undefined,
    ip: { source: '10.0.4.33', destination: '10.0.2.40', sourceXlated: '', version: 4, encrypted: false },
    l4: { protocol: 'TCP', sourcePort: 32984, destinationPort: 9090, flags: ['SYN'] },
    source: anEndpoint(),
    destination: ledger,
    type: l7 ? 'L7' : 'L3_L4',
    nodeName: 'aegis-production/ip-10-20-2-11',
    sourceNames: [],
    destinationNames: [],
    l7: undefined,
    isReply: dropped ? undefined : false,
    eventType: l7
      ? { type: 129, subType: 0 }
      : dropped
        ? { type: 1, subType: dropReasonNumber(dropReason ?? '') ?? 0 }
        : { type: 4, subType: 0 },
    sourceService: undefined,
    destinationService: { name: 'ledger', namespace: 'payments' },
    trafficDirection: 'INGRESS',
    policyMatchType: 0,
    traceObservationPoint: dropped || l7 ? undefined : 'TO_ENDPOINT',
    traceReason: dropped || l7 ? undefined : 'NEW',
    proxyPort: 0,
    traceId: '',
    egressAllowedBy: [],
    ingressAllowedBy: [],
    egressDeniedBy: [],
    ingressDeniedBy: [],
    summary: 'TCP Flags: SYN',
    ...overrides,
  };
}

/** An HTTP request, or with a `code` its response. */
export const anHttpFlow = (
  method = 'GET',
  url = 'http://ledger.payments:9090/v1/orders',
  code = 0,
  overrides: Partial<Flow> = {},
): Flow =>
  aFlow({
    l7: {
      type: code === 0 ? 'REQUEST' : 'RESPONSE',
      latencyNs: code === 0 ? 0 : 12_000_000,
      http: { code, method, url, protocol: 'HTTP/1.1', headers: [] },
    },
    isReply: code !== 0,
    ...overrides,
  });

/** A DNS query, or with an `rcode` its answer. */
export const aDnsFlow = (query = 'api.example.com.', rcode?: number, overrides: Partial<Flow> = {}): Flow =>
  aFlow({
    l4: { protocol: 'UDP', sourcePort: 40000, destinationPort: 53 },
    l7: {
      type: rcode === undefined ? 'REQUEST' : 'RESPONSE',
      latencyNs: rcode === undefined ? 0 : 800_000,
      dns: { query, ips: [], cnames: [], rcode: rcode ?? 0, qtypes: ['A'], rrtypes: [], ttl: 0, observationSource: 'proxy' },
    },
    isReply: rcode !== undefined,
    ...overrides,
  });

/** The flow that `aDrop()` comes from: `payments/checkout-api` denied at `payments/ledger:9090`. */
export const aDroppedFlow = (overrides: Partial<Flow> = {}): Flow =>
  aFlow({ verdict: 'DROPPED', dropReason: 'POLICY_DENIED', ...overrides });

/** What `dropOf` makes of `aDroppedFlow()`, or what `overrides` say. */
export function aDrop(overrides: Partial<Drop> = {}): Drop {
  const drop = dropOf(aDroppedFlow());
  if (!drop) throw new Error('aDroppedFlow() is no drop');
  return { ...drop, ...overrides };
}

/** Short text, some of it hostile: markup, formulas, controls, bidirectional overrides, names of Object.prototype. Always storable. */
export const arbText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll(/[\0\p{Cs}]/gu, '')),
  fc.constantFrom('__proto__', 'constructor', '<script>alert(1)</script>', '=cmd|x', 'a\u202eb', 'a\r\nb', '', 'k8s:app=x'),
);

const arbName = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('payments', 'gateway', 'monitoring', 'ledger', 'checkout-api', 'web-bff', 'probe', 'default', ''),
  },
  { weight: 1, arbitrary: arbText },
);

const arbLabel = fc.oneof(
  fc.constantFrom(
    'k8s:app=ledger',
    'k8s:app=web-bff',
    'k8s:tier=api',
    'reserved:world',
    'reserved:host',
    'k8s:__proto__=x',
    'cidr:192.0.2.0/24',
  ),
  arbText,
);

export const arbEndpoint: fc.Arbitrary<Endpoint> = fc.record({
  id: fc.nat(65535),
  identity: fc.oneof(fc.constantFrom(0, 1, 2, 6, 7, 9), fc.nat(0xffffff)),
  clusterName: arbName,
  namespace: arbName,
  podName: arbName,
  labels: fc.array(arbLabel, { maxLength: 4 }),
  workload: fc.option(fc.record({ name: arbName, kind: fc.constantFrom('Deployment', 'StatefulSet', '') }), { nil: undefined }),
});

const arbIp = fc.record({
  source: fc.constantFrom('10.0.4.33', '10.0.2.40', '192.0.2.7', '2001:db8::1', ''),
  destination: fc.constantFrom('10.0.4.33', '10.0.2.40', '192.0.2.7', 'fd00::7', ''),
  sourceXlated: fc.constantFrom('', '10.20.1.11'),
  version: fc.constantFrom(0 as const, 4 as const, 6 as const),
  encrypted: fc.boolean(),
});

const arbPort = fc.oneof(fc.constantFrom(0, 53, 80, 443, 5432, 9090), fc.nat(65535));

const arbL4 = fc.constantFrom(...L4_PROTOCOLS).chain((protocol) => {
  const ports = { protocol: fc.constant(protocol), sourcePort: arbPort, destinationPort: arbPort };
  if (protocol === 'TCP') {
    const flags = fc.subarray([...TCP_FLAGS], { minLength: 1 });
    return fc.oneof(fc.record(ports), fc.record({ ...ports, flags }));
  }
  if (protocol === 'UDP' || protocol === 'SCTP') return fc.record(ports);
  const portless = { protocol: fc.constant(protocol), sourcePort: fc.constant(0), destinationPort: fc.constant(0) };
  return protocol === 'ICMPv4' || protocol === 'ICMPv6'
    ? fc.record({ ...portless, icmpType: fc.nat(255), icmpCode: fc.nat(20) })
    : fc.record(portless);
});

const arbL7: fc.Arbitrary<L7> = fc
  .record({
    type: fc.constantFrom(...L7_TYPES),
    latencyNs: fc.oneof(fc.constant(0), fc.nat(2_000_000_000)),
    record: fc.oneof(
      fc.record({
        http: fc.record({
          code: fc.constantFrom(0, 200, 301, 404, 503),
          method: fc.constantFrom('GET', 'POST', 'delete', ''),
          url: fc.oneof(fc.constantFrom('http://ledger:9090/v1/orders?x=1', '/healthz', 'bad url'), arbText),
          protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2'),
          headers: fc.array(fc.record({ key: fc.oneof(fc.constantFrom('Cookie', '__proto__'), arbText), value: arbText }), {
            maxLength: 3,
          }),
        }),
      }),
      fc.record({
        dns: fc.record({
          query: fc.oneof(fc.constantFrom('api.example.com.', 'x.svc.cluster.local.'), arbText),
          ips: fc.array(fc.constantFrom('192.0.2.7', '2001:db8::1'), { maxLength: 2 }),
          cnames: fc.array(arbText, { maxLength: 2 }),
          rcode: fc.constantFrom(0, 2, 3),
          qtypes: fc.array(fc.constantFrom('A', 'AAAA'), { maxLength: 2 }),
          rrtypes: fc.array(fc.constantFrom('A', 'CNAME'), { maxLength: 2 }),
          ttl: fc.nat(86400),
          observationSource: fc.constantFrom('proxy', ''),
        }),
      }),
      fc.record({
        kafka: fc.record({
          errorCode: fc.constantFrom(0, 3),
          apiVersion: fc.nat(12),
          apiKey: fc.constantFrom('produce', 'fetch'),
          correlationId: fc.nat(),
          topic: arbText,
        }),
      }),
    ),
  })
  .map(({ type, latencyNs, record }) => ({ type, latencyNs, ...record }));

const arbService = fc.option(fc.record({ name: arbName, namespace: arbName }), { nil: undefined });

const arbPolicies = fc.array(
  fc.record({
    name: arbName,
    namespace: arbName,
    kind: fc.constantFrom('CiliumNetworkPolicy', ''),
    revision: fc.nat(1000),
    labels: fc.array(arbLabel, { maxLength: 2 }),
  }),
  { maxLength: 2 },
);

const named = (names: ReadonlyMap<number, string>) => fc.constantFrom(undefined, ...[...names.values()].slice(1));

/** Any flow that a relay could send, in canonical form (times to the microsecond; L7 only with type L7). */
export const arbFlow: fc.Arbitrary<Flow> = fc
  .record({
    time: fc
      .tuple(fc.nat(4_000_000), fc.nat(999_999))
      .map(([seconds, micros]) => 1_772_000_000_000 + seconds * 1000 + micros / 1000),
    uuid: fc.oneof(fc.uuid(), fc.constant('')),
    verdict: fc.constantFrom(...VERDICTS),
    dropReason: fc.constantFrom(
      undefined,
      'POLICY_DENIED',
      'POLICY_DENY',
      'AUTH_REQUIRED',
      'DROP_REASON_207',
      ...DROP_REASON_NAMES.slice(1),
    ),
    authType: fc.constantFrom(undefined, ...AUTH_TYPES),
    ip: fc.option(arbIp, { nil: undefined }),
    l4: fc.option(arbL4, { nil: undefined }),
    source: arbEndpoint,
    destination: arbEndpoint,
    type: fc.constantFrom(...FLOW_TYPES),
    nodeName: fc.constantFrom('aegis-production/ip-10-20-1-11', 'aegis-production/ip-10-20-2-11', 'bare-node', ''),
    sourceNames: fc.array(fc.oneof(fc.constant('api.example.com'), arbText), { maxLength: 2 }),
    destinationNames: fc.array(fc.oneof(fc.constant('api.example.com'), arbText), { maxLength: 2 }),
    l7: fc.option(arbL7, { nil: undefined }),
    isReply: fc.constantFrom(undefined, true, false),
    eventType: fc.record({ type: fc.constantFrom(0, 1, 4, 5, 7, 129), subType: fc.nat(13) }),
    sourceService: arbService,
    destinationService: arbService,
    trafficDirection: fc.constantFrom(...TRAFFIC_DIRECTIONS),
    policyMatchType: fc.nat(6),
    traceObservationPoint: named(TRACE_OBSERVATION_POINTS),
    traceReason: named(TRACE_REASONS),
    proxyPort: fc.constantFrom(0, 10000),
    traceId: fc.constantFrom('', '6167ab2332fbca3204f2a6db0624219f'),
    egressAllowedBy: arbPolicies,
    ingressAllowedBy: arbPolicies,
    egressDeniedBy: arbPolicies,
    ingressDeniedBy: arbPolicies,
    summary: arbText,
  })
  .map((flow) => ({ ...flow, l7: flow.type === 'L7' ? flow.l7 : undefined }));
