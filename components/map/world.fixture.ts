import type { EdgeStatus, MapEdge, MapNode, MapNodeKind, Topology, VerdictCounts } from '#lib/topology/topology.ts';

/** For tests: the map of a small shop platform, and large random ones. */

const T0 = Date.UTC(2026, 2, 2, 13, 58);

const WORKLOADS: readonly (readonly [id: string, workloadKind: string, pods: number, kind?: MapNodeKind])[] = [
  ['gateway/edge-proxy', 'Deployment', 3, 'gateway'],
  ['gateway/web-bff', 'Deployment', 4],
  ['gateway/debug-shell', 'Pod', 1],
  ['payments/checkout-api', 'Deployment', 6],
  ['payments/fraud-scorer', 'Deployment', 2],
  ['payments/ledger', 'Deployment', 3],
  ['payments/events-kafka', 'StatefulSet', 3],
  ['payments/payments-db', 'StatefulSet', 2],
  ['monitoring/prometheus', 'StatefulSet', 2],
  ['monitoring/grafana', 'Deployment', 1],
  ['monitoring/otel-collector', 'Deployment', 2],
  ['spire-server/spire-server', 'StatefulSet', 1],
  ['spire-server/spire-agent', 'DaemonSet', 4],
  ['kube-system/coredns', 'Deployment', 2, 'dns'],
  ['kube-system/metrics-server', 'Deployment', 1],
  ['kube-system/hubble-relay', 'Deployment', 1],
];

const OUTSIDE: readonly (readonly [id: string, kind: MapNodeKind])[] = [
  ['entity:world-ipv4', 'entity'],
  ['entity:host', 'host'],
  ['entity:remote-node', 'host'],
  ['entity:kube-apiserver', 'entity'],
  ['fqdn:auth.cardnet.example', 'external'],
  ['fqdn:api.riskdata.example', 'external'],
  ['cidr:203.0.113.0/24', 'external'],
];

const EDGES: readonly (readonly [key: string, verdicts: VerdictCounts, more?: Partial<MapEdge>])[] = [
  ['entity:world-ipv4->gateway/edge-proxy:TCP/8443', { FORWARDED: 5200 }],
  ['entity:world-ipv4->gateway/edge-proxy:TCP/9901', { DROPPED: 385 }],
  ['gateway/edge-proxy->gateway/web-bff:TCP/3000', { FORWARDED: 9000, REDIRECTED: 1500, DROPPED: 236 }, { l7: 'http' }],
  ['gateway/web-bff->payments/checkout-api:TCP/8080', { FORWARDED: 8200, REDIRECTED: 1390 }, { l7: 'http' }],
  ['gateway/web-bff->payments/payments-db:TCP/5432', { DROPPED: 412 }],
  ['gateway/debug-shell->spire-server/spire-server:TCP/8081', { FORWARDED: 20, DROPPED: 40 }],
  ['gateway/debug-shell->cidr:203.0.113.0/24:TCP/4444', { DROPPED: 70 }],
  [
    'payments/checkout-api->payments/ledger:TCP/9090',
    { FORWARDED: 15_386, REDIRECTED: 1539, DROPPED: 157 },
    {
      l7: 'http',
      drops: { UNENCRYPTED_TRAFFIC: 157 },
      authenticated: 97,
      authEvaluated: 100,
      encryption: { encrypted: 991, plaintext: 9, sameNode: 0, host: 0, notEvaluable: 0 },
    },
  ],
  ['payments/checkout-api->payments/fraud-scorer:TCP/8081', { FORWARDED: 4000, REDIRECTED: 600 }, { l7: 'http' }],
  ['payments/checkout-api->payments/events-kafka:TCP/9092', { FORWARDED: 5200, REDIRECTED: 800, DROPPED: 237 }, { l7: 'kafka' }],
  ['payments/checkout-api->monitoring/otel-collector:TCP/4317', { FORWARDED: 2100 }],
  ['payments/checkout-api->fqdn:auth.cardnet.example:TCP/443', { FORWARDED: 1700 }],
  ['payments/fraud-scorer->fqdn:api.riskdata.example:TCP/443', { FORWARDED: 900 }],
  ['payments/fraud-scorer->payments/ledger:TCP/9090', { FORWARDED: 10, DROPPED: 62 }],
  ['payments/ledger->payments/payments-db:TCP/5432', { FORWARDED: 6100 }],
  ['monitoring/otel-collector->payments/events-kafka:TCP/9092', { FORWARDED: 10, AUDIT: 15 }],
  ['monitoring/grafana->monitoring/prometheus:TCP/9090', { FORWARDED: 2200 }],
  ['monitoring/grafana->payments/ledger:TCP/9090', { DROPPED: 88 }],
  ['spire-server/spire-agent->spire-server/spire-server:TCP/8081', { FORWARDED: 3000 }],
  ['kube-system/hubble-relay->entity:remote-node:TCP/4244', { FORWARDED: 700 }],
  ['kube-system/metrics-server->entity:kube-apiserver:TCP/443', { FORWARDED: 600 }],
  ['entity:host->monitoring/prometheus:ICMPv6/0', { DROPPED: 30 }],
  [
    'gateway/web-bff->kube-system/coredns:UDP/53',
    { FORWARDED: 1200 },
    { platform: 'dns', l7: 'dns', dns: { NOERROR: 590, NXDOMAIN: 12 } },
  ],
  ['payments/checkout-api->kube-system/coredns:UDP/53', { FORWARDED: 800 }, { platform: 'dns', l7: 'dns' }],
  ['monitoring/prometheus->payments/checkout-api:TCP/9102', { FORWARDED: 700 }, { platform: 'scrape' }],
  ['monitoring/prometheus->payments/ledger:TCP/9102', { FORWARDED: 700 }, { platform: 'scrape' }],
  ['entity:host->kube-system/coredns:TCP/8080', { FORWARDED: 600 }, { platform: 'probe' }],
];

export function anEdge(key: string, verdicts: VerdictCounts = { FORWARDED: 10 }, more: Partial<MapEdge> = {}): MapEdge {
  const arrow = key.indexOf('->');
  const colon = key.lastIndexOf(':');
  const [protocol = 'TCP', port = '0'] = key.slice(colon + 1).split('/');
  const flows = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return {
    key,
    source: key.slice(0, arrow),
    destination: key.slice(arrow + 2, colon),
    protocol,
    port: Number(port),
    l7: '',
    platform: '',
    flows,
    verdicts,
    drops: verdicts.DROPPED ? { POLICY_DENIED: verdicts.DROPPED } : {},
    status: statusOf(verdicts, flows),
    encryption: { encrypted: 0, plaintext: 0, sameNode: 0, host: 0, notEvaluable: 0 },
    authenticated: 0,
    authEvaluated: 0,
    http: {},
    dns: {},
    latencyMs: undefined,
    policies: [],
    firstSeen: T0,
    lastSeen: T0 + 299_000,
    ...more,
  };
}

const statusOf = (verdicts: VerdictCounts, flows: number): EdgeStatus =>
  (verdicts.DROPPED ?? 0) / flows > 0.05 ? 'suspicious' : verdicts.AUDIT ? 'audited' : 'active';

export function aNode(id: string, more: Partial<MapNode> = {}): MapNode {
  const outside = /^(entity|fqdn|cidr):/.test(id);
  const slash = id.indexOf('/');
  return {
    id,
    kind: outside ? 'external' : 'workload',
    namespace: outside ? '' : id.slice(0, slash),
    name: outside ? id.slice(id.indexOf(':') + 1) : id.slice(slash + 1),
    workloadKind: outside ? '' : 'Deployment',
    pods: outside ? 0 : 2,
    addresses: outside ? 1 : 0,
    identities: [],
    verdicts: { FORWARDED: 100 },
    ...more,
  };
}

export function aTopology(edges: readonly MapEdge[], nodes?: readonly MapNode[]): Topology {
  const ids = [...new Set(edges.flatMap(({ source, destination }) => [source, destination]))];
  return {
    cluster: 'shop',
    level: 'workload',
    from: T0,
    to: T0 + 300_000,
    nodes: nodes ?? ids.map((id) => aNode(id)),
    edges,
    lastUpdated: T0 + 300_000,
    coverage: { nodesReporting: 4, nodesExpected: 4, missing: [], lost: {}, lostTotal: 0, gaps: [], newestFlow: T0 + 299_200 },
  };
}

/** The shop: 5 namespaces, 16 workloads, callers, names, nodes; drops, audits, redirects, platform traffic. */
export function shopWorld(): Topology {
  const edges = EDGES.map(([key, verdicts, more]) => anEdge(key, verdicts, more));
  const verdictsOf = (id: string) => {
    const sum: Record<string, number> = {};
    for (const edge of edges) {
      if (edge.source !== id && edge.destination !== id) continue;
      for (const [verdict, count] of Object.entries(edge.verdicts)) sum[verdict] = (sum[verdict] ?? 0) + count;
    }
    return sum as VerdictCounts;
  };
  const nodes = [
    ...WORKLOADS.map(([id, workloadKind, pods, kind]) =>
      aNode(id, { workloadKind, pods, kind: kind ?? 'workload', verdicts: verdictsOf(id) }),
    ),
    ...OUTSIDE.map(([id, kind]) => aNode(id, { kind, verdicts: verdictsOf(id) })),
  ];
  return aTopology(edges, nodes);
}

/** A seeded random map of `count` workloads in namespaces of about twenty, with `edgeCount` edges, most of them near. */
export function largeWorld(count: number, edgeCount: number, seed = 7): Topology {
  const random = mulberry32(seed);
  const namespaces = Math.max(2, Math.round(count / 20));
  const ids = Array.from({ length: count }, (_, i) => `ns-${String(i % namespaces).padStart(3, '0')}/app-${i}`);
  const edges = new Map<string, MapEdge>();
  while (edges.size < edgeCount) {
    const a = Math.floor(random() * count);
    const b = random() < 0.7 ? (a + namespaces * (1 + Math.floor(random() * 12))) % count : Math.floor(random() * count);
    const roll = random();
    const verdicts: VerdictCounts =
      roll < 0.03
        ? { DROPPED: 40 }
        : roll < 0.05
          ? { AUDIT: 20 }
          : roll < 0.2
            ? { FORWARDED: 90, REDIRECTED: 10 }
            : { FORWARDED: 100 };
    const key = `${ids[a]}->${ids[b]}:TCP/${8000 + Math.floor(random() * 4)}`;
    if (a !== b) edges.set(key, anEdge(key, verdicts));
  }
  return aTopology(
    [...edges.values()],
    ids.map((id) => aNode(id)),
  );
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
