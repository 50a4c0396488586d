import type { MapEdge, MapNode, Topology } from '#lib/topology/topology.ts';

/** A made-up service map of a given size: namespaces of ten workloads, edges mostly within and to a few shared namespaces. The same for the same size. */
export function bigMap(cards: number, edges: number): Topology {
  const to = 1_772_460_180_000;
  const nodes: MapNode[] = Array.from({ length: cards }, (_, index) => ({
    id: `team-${Math.floor(index / 10)}/service-${index}`,
    kind: 'workload',
    namespace: `team-${Math.floor(index / 10)}`,
    name: `service-${index}`,
    workloadKind: 'Deployment',
    pods: 1 + (index % 5),
    addresses: 0,
    identities: [10_000 + index],
    verdicts: { FORWARDED: 900 + index, DROPPED: index % 7 },
  }));
  return {
    cluster: 'aegis-production',
    level: 'workload',
    from: to - 300_000,
    to,
    nodes,
    edges: Array.from({ length: edges }, (_, index) => edge(index, cards, to)),
    lastUpdated: to,
    coverage: { nodesReporting: 4, nodesExpected: 4, missing: [], lost: {}, lostTotal: 0, gaps: [], newestFlow: to },
  };
}

function edge(index: number, cards: number, to: number): MapEdge {
  const from = (index * 7919) % cards;
  const group = Math.floor(from / 10) * 10;
  // Two of three stay in their namespace, the rest go to the first fifty workloads.
  const peer = index % 3 < 2 ? group + ((from + 1 + index) % 10) : (index * 104_729) % Math.min(50, cards);
  const destination = peer === from ? (from + 1) % cards : Math.min(peer, cards - 1);
  const name = (card: number) => `team-${Math.floor(card / 10)}/service-${card}`;
  const port = 8000 + Math.floor(index / cards);
  const dropped = index % 40 === 0 ? 60 : 0;
  return {
    key: `${name(from)}->${name(destination)}:TCP/${port}`,
    source: name(from),
    destination: name(destination),
    protocol: 'TCP',
    port,
    l7: index % 4 === 0 ? 'http' : '',
    platform: '',
    flows: 100 + (index % 900),
    verdicts: { FORWARDED: 100 + (index % 900) - dropped, ...(dropped ? { DROPPED: dropped } : {}) },
    drops: dropped ? { POLICY_DENIED: dropped } : {},
    status: dropped ? 'suspicious' : 'active',
    encryption: { encrypted: 10, plaintext: 0, sameNode: 5, host: 0, notEvaluable: 1 },
    authenticated: 0,
    authEvaluated: 0,
    http: {},
    dns: {},
    latencyMs: undefined,
    policies: [],
    firstSeen: to - 300_000,
    lastSeen: to - 1000,
  };
}
