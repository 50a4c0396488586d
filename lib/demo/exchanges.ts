import type { OutsiderName } from './outsiders.ts';

/** How an exchange goes. */
export type Outcome =
  | 'ok'
  | 'deny-egress'
  | 'deny-ingress'
  | 'auth-required'
  | 'audit'
  | 'drop'
  | 'l7-deny'
  | 'l7-error'
  | 'plaintext'
  | 'socket'
  | 'scan'
  | 'random-names';

/** One kind of exchange between two ends, e.g. a request and its answer: some ten flows. */
export interface Exchange {
  /** `namespace/workload` or `outside:NAME`. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'sctp' | 'icmp4' | 'icmp6' | 'none';
  readonly l7: '' | 'http' | 'http2' | 'kafka' | 'dns';
  readonly outcome: Outcome;
  /** How often, on average. */
  readonly perMinute: number;
  /** Policies that decide, `kind:namespace/name`; none where nothing selects the endpoint. */
  readonly egressBy: readonly string[];
  readonly ingressBy: readonly string[];
  /** The ingress policy asks for mutual authentication. */
  readonly authenticated: boolean;
  /** `METHOD path` or, for Kafka, `api topic`. */
  readonly requests: readonly string[];
  /** Names to look up, instead of the usual ones. */
  readonly names: readonly string[];
  /** Typical latency in ms. */
  readonly latencyMs: number;
  /** For `drop`: Hubble's reason. */
  readonly reason: string;
  /** One more HTTP header, `name: value`. */
  readonly header: string;
  /** Node of the destination (or of the source, when the destination is outside), by short name: only there, or anywhere else. */
  readonly onlyAt: string;
  readonly notAt: string;
  /** For `scan` and `random-names`. */
  readonly burst: number;
  /** Part of the story: begins only so many milliseconds after the story's start. */
  readonly storyMs: number | undefined;
}

type Details = Partial<Omit<Exchange, 'from' | 'to' | 'port' | 'perMinute'>>;

const exchange = (from: string, to: string, port: number, perMinute: number, details: Details = {}): Exchange => ({
  from,
  to,
  port,
  perMinute,
  protocol: 'tcp',
  l7: '',
  outcome: 'ok',
  egressBy: [],
  ingressBy: [],
  authenticated: false,
  requests: [],
  names: [],
  latencyMs: 6,
  reason: '',
  header: '',
  onlyAt: '',
  notAt: '',
  burst: 0,
  storyMs: undefined,
  ...details,
});

const out = (name: OutsiderName): string => `outside:${name}`;

const clusterDns: Details = {
  protocol: 'udp',
  l7: 'dns',
  egressBy: ['ccnp:allow-cluster-dns'],
  ingressBy: ['ccnp:allow-cluster-dns'],
  latencyMs: 0.7,
};
const scrape: Details = { egressBy: ['cnp:monitoring/prometheus-egress'], ingressBy: ['ccnp:allow-prometheus-scrape'] };
const edgeToBff: Details = { l7: 'http', egressBy: ['cnp:gateway/edge-to-bff'], ingressBy: ['cnp:gateway/bff-from-edge'] };
const bffToCheckout: Details = {
  l7: 'http',
  authenticated: true,
  egressBy: ['cnp:gateway/bff-to-checkout'],
  ingressBy: ['cnp:payments/checkout-from-bff'],
  latencyMs: 24,
};

/** What everybody does all day: the platform at work. */
const DAILY: readonly Exchange[] = [
  exchange(out('world-client'), 'gateway/edge-proxy', 8443, 70, { ingressBy: ['cnp:gateway/edge-from-world'] }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 88, {
    ...edgeToBff,
    requests: ['GET /', 'GET /api/orders', 'POST /api/checkout', 'GET /healthz', 'GET /api/session'],
    latencyMs: 38,
  }),
  exchange('gateway/web-bff', 'payments/checkout-api', 8080, 84, {
    ...bffToCheckout,
    requests: ['POST /v1/checkout', 'GET /v1/orders/812', 'GET /v1/orders/4471', 'PUT /v1/cart/44', 'DELETE /v1/cart/44'],
  }),
  exchange('payments/checkout-api', 'payments/ledger', 9090, 66, {
    l7: 'http2',
    authenticated: true,
    egressBy: ['cnp:payments/checkout-egress'],
    ingressBy: ['cnp:payments/ledger-from-checkout'],
    requests: ['POST /ledger.v1.Ledger/Append', 'POST /ledger.v1.Ledger/Balance'],
    latencyMs: 7,
  }),
  exchange('payments/checkout-api', 'payments/fraud-scorer', 8081, 42, {
    l7: 'http',
    authenticated: true,
    egressBy: ['cnp:payments/checkout-egress'],
    ingressBy: ['cnp:payments/fraud-from-checkout'],
    requests: ['POST /score', 'POST /score', 'POST /score', 'GET /model/version'],
    latencyMs: 55,
  }),
  exchange('payments/ledger', 'payments/payments-db', 5432, 58, {
    egressBy: ['cnp:payments/ledger-to-db'],
    ingressBy: ['knp:payments/db-from-ledger'],
  }),
  exchange('payments/checkout-api', 'payments/events-kafka', 9092, 30, {
    l7: 'kafka',
    egressBy: ['cnp:payments/checkout-egress'],
    ingressBy: ['cnp:payments/kafka-topics'],
    requests: ['produce payments.events', 'produce payments.events', 'fetch payments.events', 'produce orders.audit'],
    latencyMs: 2,
  }),
  exchange('payments/fraud-scorer', out('risk-api'), 443, 18, { egressBy: ['cnp:payments/fraud-to-riskdata'] }),
  exchange('payments/checkout-api', out('card-net'), 443, 20, { egressBy: ['cnp:payments/checkout-to-cardnet'] }),
  exchange('gateway/web-bff', 'kube-system/coredns', 53, 20, clusterDns),
  exchange('payments/checkout-api', 'kube-system/coredns', 53, 22, clusterDns),
  exchange('payments/fraud-scorer', 'kube-system/coredns', 53, 14, clusterDns),
  exchange('payments/ledger', 'kube-system/coredns', 53, 12, clusterDns),
  exchange('monitoring/prometheus', 'kube-system/coredns', 53, 10, clusterDns),
  exchange('spire-server/spire-agent', 'kube-system/coredns', 53, 8, clusterDns),
  exchange('kube-system/coredns', out('resolver'), 53, 12, { protocol: 'udp', egressBy: ['ccnp:coredns-upstream'] }),
  exchange('spire-server/spire-agent', 'spire-server/spire-server', 8081, 18, {
    egressBy: ['cnp:spire-server/agent-to-server'],
    ingressBy: ['cnp:spire-server/server-from-agents'],
  }),
  exchange('monitoring/prometheus', 'gateway/web-bff', 9102, 8, scrape),
  exchange('monitoring/prometheus', 'payments/checkout-api', 9102, 10, scrape),
  exchange('monitoring/prometheus', 'payments/ledger', 9102, 8, scrape),
  exchange('monitoring/prometheus', 'kube-system/coredns', 9102, 6, scrape),
  exchange('monitoring/grafana', 'monitoring/prometheus', 9090, 14, {
    l7: 'http',
    egressBy: ['cnp:monitoring/grafana-egress'],
    ingressBy: ['cnp:monitoring/prom-from-grafana'],
    requests: ['GET /api/v1/query_range', 'GET /api/v1/labels'],
    latencyMs: 80,
  }),
  exchange('payments/checkout-api', 'monitoring/otel-collector', 4317, 18, {
    egressBy: ['cnp:payments/checkout-egress'],
    ingressBy: ['cnp:monitoring/otel-ingest'],
  }),
  exchange('monitoring/prometheus', 'monitoring/otel-collector', 8888, 8, {
    protocol: 'tcp6',
    egressBy: ['cnp:monitoring/prometheus-egress'],
    ingressBy: ['cnp:monitoring/otel-ingest'],
  }),
  exchange('kube-system/hubble-relay', out('remote-node'), 4244, 10, { egressBy: ['ccnp:relay-to-agents'] }),
  exchange('kube-system/metrics-server', out('kube-apiserver'), 443, 10, { egressBy: ['ccnp:to-apiserver'] }),
  exchange(out('host'), 'kube-system/coredns', 8080, 10, { ingressBy: ['ccnp:kubelet-probes'] }),
  exchange(out('remote-node'), out('health'), 0, 5, { protocol: 'icmp4' }),
  exchange(out('remote-node'), out('health'), 4240, 5),
  exchange('gateway/web-bff', 'payments/checkout-api', 8080, 14, { outcome: 'socket' }),
];

/** What is denied, audited or lost now and then; the smaller clusters have little of it. */
const TROUBLE: readonly Exchange[] = [
  exchange('monitoring/grafana', 'payments/ledger', 9090, 3.5, {
    outcome: 'deny-ingress',
    egressBy: ['cnp:monitoring/grafana-egress'],
    notAt: 'ip-10-20-1-11',
  }),
  exchange('gateway/debug-shell', 'spire-server/spire-server', 8081, 3, {
    outcome: 'deny-ingress',
    ingressBy: ['cnp:spire-server/deny-non-agents'],
  }),
  exchange('gateway/debug-shell', out('unknown-c2'), 4444, 4, {
    outcome: 'deny-egress',
    egressBy: ['ccnp:deny-egress-unlisted'],
  }),
  exchange(out('bot'), 'gateway/edge-proxy', 9901, 5, { outcome: 'deny-ingress' }),
  exchange('payments/fraud-scorer', 'payments/ledger', 9090, 2.5, {
    outcome: 'auth-required',
    authenticated: true,
    egressBy: ['cnp:payments/fraud-to-ledger'],
  }),
  exchange('monitoring/otel-collector', 'payments/events-kafka', 9092, 5, { outcome: 'audit' }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 2, {
    ...edgeToBff,
    outcome: 'l7-deny',
    requests: ['GET /admin', 'POST /internal/flush'],
  }),
  exchange('gateway/web-bff', 'payments/checkout-api', 8080, 0.6, {
    ...bffToCheckout,
    outcome: 'l7-error',
    requests: ['POST /v1/checkout'],
  }),
  exchange('payments/checkout-api', out('gone-pod'), 9092, 0.8, { outcome: 'drop', reason: 'STALE_OR_UNROUTABLE_IP' }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 0.6, { outcome: 'drop', reason: 'CT_TRUNCATED_OR_INVALID_HEADER' }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 0.9, { outcome: 'drop', reason: 'CT_MAP_INSERTION_FAILED' }),
  exchange(out('world-client'), 'gateway/edge-proxy', 8443, 0.9, { outcome: 'drop', reason: 'SERVICE_BACKEND_NOT_FOUND' }),
  exchange(out('host'), 'monitoring/prometheus', 0, 2.2, { protocol: 'icmp6', outcome: 'drop', reason: 'INVALID_SOURCE_IP' }),
  exchange('gateway/debug-shell', 'payments/fraud-scorer', 5060, 1.6, {
    protocol: 'sctp',
    outcome: 'drop',
    reason: 'CT_UNKNOWN_L4_PROTOCOL',
  }),
  exchange('gateway/debug-shell', out('host'), 0, 0.5, { protocol: 'none', outcome: 'drop', reason: 'UNSUPPORTED_L3_PROTOCOL' }),
];

/** What an audit should find, and text made to hurt; the production cluster only. */
const FINDINGS: readonly Exchange[] = [
  exchange('monitoring/grafana', 'payments/ledger', 9090, 0.4, {
    egressBy: ['cnp:monitoring/grafana-egress'],
    ingressBy: ['cnp:payments/ledger-open'], // a policy that only this node still has
    onlyAt: 'ip-10-20-1-11',
  }),
  exchange(out('ghost'), 'payments/payments-db', 5432, 0.3, { ingressBy: ['knp:payments/db-from-ledger'] }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 0.2, { ...edgeToBff, requests: ['GET /debug/pprof/heap'] }),
  exchange('gateway/web-bff', 'payments/checkout-api', 8080, 0.2, {
    ...bffToCheckout,
    requests: ['GET /v1/orders/812/card-token'],
  }),
  exchange('payments/ledger', 'payments/payments-db', 5432, 0.5, {
    outcome: 'plaintext',
    egressBy: ['cnp:payments/ledger-to-db'],
    ingressBy: ['knp:payments/db-from-ledger'],
  }),
  exchange('payments/checkout-api', 'payments/payments-db', 5432, 0.15, {
    egressBy: ['cnp:payments/checkout-egress'],
    ingressBy: ['cnp:payments/db-from-reconcile'],
  }),
  exchange('gateway/debug-shell', 'payments/ledger', 0, 0.05, { outcome: 'scan', burst: 110 }),
  exchange('gateway/debug-shell', 'kube-system/coredns', 53, 0.05, {
    ...clusterDns,
    outcome: 'random-names',
    burst: 60,
    names: ['t.sync-cdn.example.'],
  }),
  exchange('gateway/debug-shell', 'kube-system/coredns', 53, 0.3, {
    ...clusterDns,
    names: ['<img src=x onerror=alert(1)>.example.', 'a\u001b[2J\u202eb\u0007.example.'],
  }),
  exchange('gateway/edge-proxy', 'gateway/web-bff', 3000, 0.3, {
    ...edgeToBff,
    outcome: 'l7-deny',
    header: '__proto__: polluted',
    requests: [
      'GET /search?q=<script>alert(document.domain)</script>',
      'GET /a\r\nX-Injected: 1\u001b[31m',
      "GET /%2e%2e/__proto__/=cmd|' /C calc'!A0",
    ],
  }),
];

/** A deployment goes wrong: `web-bff` begins to call the database and is denied; three minutes later two nodes no longer agree on encryption. */
const STORY: readonly Exchange[] = [
  exchange('gateway/web-bff', 'payments/payments-db', 5432, 9, { outcome: 'deny-egress', storyMs: 0 }),
  exchange('payments/checkout-api', 'payments/ledger', 9090, 2, {
    outcome: 'drop',
    reason: 'UNENCRYPTED_TRAFFIC',
    onlyAt: 'ip-10-20-1-11',
    storyMs: 180_000,
  }),
];

/** How far along the migration a cluster is, and how busy. */
export interface Character {
  readonly busy: number;
  /** Share of the production cluster's trouble. */
  readonly trouble: number;
  readonly findings: boolean;
  readonly story: boolean;
  /** Every policy between pods asks for mutual authentication. */
  readonly authenticatedEverywhere: boolean;
}

/** A cluster's traffic; `known` says whether an end exists there. */
export function exchangesOf(character: Character, known: (end: string) => boolean): Exchange[] {
  const scaled = (list: readonly Exchange[], factor: number) =>
    list.map((one) => ({ ...one, perMinute: one.perMinute * factor }));
  const { busy, trouble } = character;
  return [
    ...scaled(DAILY, busy),
    ...(trouble > 0 ? scaled(TROUBLE, busy * trouble) : []),
    ...(character.findings ? FINDINGS : []),
    ...(character.story ? STORY : []),
  ]
    .filter(({ from, to }) => known(from) && known(to))
    .map((one) => ({
      ...one,
      authenticated: one.authenticated || (character.authenticatedEverywhere && one.ingressBy.length > 0),
    }));
}
