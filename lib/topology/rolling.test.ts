import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopologyDeltaJson, TopologyJson } from '#lib/api/topology.ts';
import { type Flow, type L7, VERDICTS } from '#lib/flow/flow.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, arbFlow, host, world } from '#lib/testing/flows.ts';
import { Attribution } from './attribution.ts';
import type { DirectoryLimits } from './directory.ts';
import { RollingTopology } from './rolling.ts';
import type { Coverage, Level, MapEdge, MapNode, Topology } from './topology.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 2, 14);
const coverage: Coverage = {
  nodesReporting: 1,
  nodesExpected: 1,
  missing: [],
  lost: {},
  lostTotal: 0,
  gaps: [],
  newestFlow: undefined,
};

function aTopology(flows: Iterable<Flow> = [], limits: Partial<DirectoryLimits> = {}): RollingTopology {
  const topology = new RollingTopology({ cluster: 'test', attribution: new Attribution({ limits }) });
  for (const flow of flows) topology.add(flow);
  return topology;
}
const everything = (topology: RollingTopology, level: Level): Topology =>
  topology.snapshot(level, START, START + 60 * MINUTE, START + 60 * MINUTE, coverage);
const flowsOf = (edges: readonly MapEdge[]): number => edges.reduce((sum, edge) => sum + edge.flows, 0);

const pod = (namespace: string, workload: string, replica: number) =>
  anEndpoint({
    namespace,
    podName: `${workload}-${replica}`,
    workload: { name: workload, kind: 'StatefulSet' },
    identity: 1000 + workload.length,
  });

/** Traffic between a few pods, with all that is counted. */
const arbPod = fc.record({
  namespace: fc.constantFrom('a', 'b'),
  workload: fc.constantFrom('web', 'db', 'queue'),
  replica: fc.nat(2),
});
const arbTraffic: fc.Arbitrary<Flow> = fc
  .record({
    offset: fc.nat(20 * MINUTE),
    source: fc.oneof({ weight: 5, arbitrary: arbPod }, { weight: 1, arbitrary: fc.constant(undefined) }),
    destination: arbPod,
    port: fc.constantFrom(80, 443, 5432),
    verdict: fc.constantFrom(...VERDICTS),
    isReply: fc.boolean(),
    code: fc.constantFrom(undefined, 0, 200, 503),
  })
  .map(({ offset, source, destination, port, verdict, isReply, code }) => {
    const ends = {
      source: source ? pod(source.namespace, source.workload, source.replica) : world,
      destination: pod(destination.namespace, destination.workload, destination.replica),
    };
    const flow = code === undefined ? aFlow({ verdict, isReply }) : anHttpFlow('GET', 'http://web/x', code, { verdict });
    const [low, high] = [port, 40_000];
    const l4 = { protocol: 'TCP' as const, sourcePort: flow.isReply ? low : high, destinationPort: flow.isReply ? high : low };
    const turned = flow.isReply ? { source: ends.destination, destination: ends.source } : ends;
    const addresses = { source: '192.0.2.7', destination: '192.0.2.7', sourceXlated: '', version: 4 as const, encrypted: false };
    return { ...flow, ...turned, l4, ip: addresses, time: START + offset };
  });

const policy = (name: string, kind = 'CiliumNetworkPolicy') => ({ name, namespace: 'payments', kind, revision: 1, labels: [] });
/** A flow to an address outside that has a name. */
const toName = (name: string, address: string) =>
  aFlow({
    time: START,
    destination: world,
    destinationNames: [name],
    ip: { source: '10.0.4.33', destination: address, sourceXlated: '', version: 4, encrypted: false },
  });

describe('counting', () => {
  test('every flow is in exactly one edge, at every level', () => {
    fc.assert(
      fc.property(fc.array(arbTraffic, { maxLength: 60 }), (flows) => {
        const topology = aTopology(flows);
        for (const level of ['namespace', 'workload', 'pod'] as const) {
          const { edges } = everything(topology, level);
          expect(flowsOf(edges)).toBe(flows.length);
          for (const verdict of VERDICTS) {
            const count = edges.reduce((sum, edge) => sum + (edge.verdicts[verdict] ?? 0), 0);
            expect(count).toBe(flows.filter((flow) => flow.verdict === verdict).length);
          }
        }
      }),
    );
  });

  test('views of workloads and namespaces are sums of the view of pods', () => {
    const folds = {
      workload: (id: string) => id.replace(/-\d$/, ''),
      namespace: (id: string) => (id.startsWith('cidr:') ? id : (id.split('/')[0] ?? '')),
    };
    fc.assert(
      fc.property(fc.array(arbTraffic, { maxLength: 60 }), (flows) => {
        const topology = aTopology(flows);
        const pods = everything(topology, 'pod').edges;
        for (const level of ['workload', 'namespace'] as const) {
          const sums = new Map<string, { flows: number; drops: number; answers: number; ok: number }>();
          for (const edge of pods) {
            const key = `${folds[level](edge.source)}->${folds[level](edge.destination)}:${edge.protocol}/${edge.port}`;
            const sum = sums.get(key) ?? { flows: 0, drops: 0, answers: 0, ok: 0 };
            sums.set(key, added(sum, edge));
          }
          const folded = everything(topology, level).edges.map(
            (edge) => [edge.key, added({ flows: 0, drops: 0, answers: 0, ok: 0 }, edge)] as const,
          );
          expect(new Map(folded)).toEqual(sums);
        }
      }),
    );
  });

  test('the order of flows does not matter, but for what has to be known before it can be judged', () => {
    fc.assert(
      fc.property(fc.array(arbTraffic, { maxLength: 40 }), (flows) => {
        expect(countsOf(aTopology(flows.toReversed()))).toEqual(countsOf(aTopology(flows)));
      }),
    );
  });

  test('hostile flows are counted like any other and give a valid map', () => {
    fc.assert(
      fc.property(fc.array(arbFlow, { maxLength: 40 }), (flows) => {
        const topology = aTopology(flows.map((flow) => ({ ...flow, time: START + (flow.time % (30 * MINUTE)) })));
        for (const level of ['namespace', 'workload', 'pod'] as const) {
          const map = TopologyJson.parse(JSON.parse(JSON.stringify(everything(topology, level))));
          expect(map.edges.reduce((sum, edge) => sum + edge.flows, 0)).toBe(flows.length);
          const ids = new Set(map.nodes.map(({ id }) => id));
          expect(map.edges.filter((edge) => !ids.has(edge.source) || !ids.has(edge.destination))).toEqual([]);
        }
      }),
    );
  });

  test('a packet that shows as policy verdict and as drop is one drop', () => {
    const drop = aDroppedFlow({ time: START });
    const verdict = { ...drop, eventType: { type: 5, subType: 0 } };
    const [edge] = everything(aTopology([verdict, drop]), 'workload').edges;
    expect(edge).toMatchObject({ flows: 2, verdicts: { DROPPED: 2 }, drops: { POLICY_DENIED: 1 } });
  });

  test('responses are counted by class, rcode and latency, on the edge of the request', () => {
    const request = anHttpFlow('GET', 'http://ledger/x', 0, { time: START });
    const response = {
      ...anHttpFlow('GET', 'http://ledger/x', 503),
      time: START,
      source: request.destination,
      destination: request.source,
    };
    const answered = { ...response, l4: { protocol: 'TCP' as const, sourcePort: 9090, destinationPort: 32984 } };
    const { edges } = everything(aTopology([request, answered]), 'workload');
    expect(edges).toHaveLength(1);
    expect(edges[0]).toMatchObject({ flows: 2, l7: 'http', http: { '5xx': 1 }, latencyMs: { count: 1 } });
    expect(edges[0]?.latencyMs?.p50).toBeCloseTo(12, -1);
  });

  test('policies that decided are named, most often first', () => {
    const verdict = (name: string) =>
      aFlow({ time: START, eventType: { type: 5, subType: 0 }, ingressAllowedBy: [policy(name)] });
    const derived = aFlow({ time: START, eventType: { type: 5, subType: 0 }, egressAllowedBy: [policy('', '')] });
    const [edge] = everything(aTopology([verdict('b'), verdict('a'), verdict('a'), derived]), 'workload').edges;
    expect(edge?.policies).toEqual(['cnp:payments/a', 'cnp:payments/b']);
  });
});

/** Edges by key, without their encryption: on which node a pod runs is learned on the way. */
const countsOf = (topology: RollingTopology) =>
  new Map(everything(topology, 'workload').edges.map((edge) => [edge.key, { ...edge, encryption: undefined }]));
const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
const added = (sum: { flows: number; drops: number; answers: number; ok: number }, edge: MapEdge) => ({
  flows: sum.flows + edge.flows,
  drops: sum.drops + sumOf(edge.drops),
  answers: sum.answers + sumOf(edge.http),
  ok: sum.ok + (edge.latencyMs?.count ?? 0),
});

const anAnswer = (query: string, ip: string): L7 => ({
  type: 'RESPONSE',
  latencyNs: 0,
  dns: { query, ips: [ip], cnames: [], rcode: 0, qtypes: ['A'], rrtypes: ['A'], ttl: 30, observationSource: 'proxy' },
});

describe('nodes', () => {
  const internet = {
    ip: { source: '203.0.113.9', destination: '10.0.2.40', sourceXlated: '', version: 4 as const, encrypted: false },
  };

  test('a self-edge counts once for its node, and pods are counted', () => {
    const flow = aFlow({ time: START, source: pod('a', 'web', 0), destination: pod('a', 'web', 1) });
    const { nodes } = everything(aTopology([flow]), 'workload');
    expect(nodes).toMatchObject([{ id: 'a/web', verdicts: { FORWARDED: 1 }, pods: 2, addresses: 0 }]);
  });

  test('an address outside is shown in its group until a DNS answer names it', () => {
    const out = aFlow({
      time: START,
      destination: world,
      ip: { ...internet.ip, source: '10.0.4.33', destination: '203.0.113.9' },
    });
    const dns = aDnsFlow('api.example.com.', 0, { time: START, l7: anAnswer('api.example.com.', '203.0.113.9') });
    const topology = aTopology([out, dns, out]);
    const ids = everything(topology, 'workload').nodes.map(({ id }) => id);
    expect(ids).toContain('cidr:203.0.113.0/24');
    expect(ids).toContain('fqdn:api.example.com');
  });

  test('a name that Hubble knows wins, and addresses behind a node are counted', () => {
    const node = everything(
      aTopology([toName('Api.Example.com.', '203.0.113.1'), toName('Api.Example.com.', '203.0.113.2')]),
      'namespace',
    ).nodes.find(({ kind }) => kind === 'external');
    expect(node).toMatchObject({ id: 'fqdn:api.example.com', namespace: '', pods: 0, addresses: 2 });
  });

  test('labels that become known later move an outside node to what it is', () => {
    const known = new Map<number, readonly string[]>();
    const attribution = new Attribution({ labelsOf: (endpoint) => known.get(endpoint.identity) ?? [] });
    const topology = new RollingTopology({ cluster: 'test', attribution });
    const flow = aFlow({
      time: START,
      destination: { ...world, identity: 16_777_304 },
      ip: { ...internet.ip, destination: '10.20.9.5' },
    });
    topology.add(flow);
    known.set(16_777_304, ['reserved:kube-apiserver']);
    attribution.labelsChanged();
    topology.add(flow);
    expect(everything(topology, 'workload').edges.map(({ destination }) => destination)).toEqual([
      'cidr:10.20.9.0/24',
      'entity:kube-apiserver',
    ]);
  });

  test('a frame without addresses has an edge without protocol and port', () => {
    const frame = aDroppedFlow({ time: START, ip: undefined, l4: undefined, destination: host });
    expect(everything(aTopology([frame]), 'pod').edges.map(({ key }) => key)).toEqual([
      'payments/checkout-api-7d9f6c5b8-qgjtc->entity:host:NONE/0',
    ]);
  });
});

const byKey = (edges: readonly MapEdge[]) => new Map(edges.map((edge) => [edge.key, edge]));
const byId = (nodes: readonly MapNode[]) => new Map(nodes.map((node) => [node.id, node]));
const arbSteps = fc.array(fc.nat(40), { maxLength: 12 });

/** Lets time pass in steps of half minutes and the flows arrive as they are due; yields the time after each step. */
function* play(topology: RollingTopology, flows: readonly Flow[], steps: readonly number[]): Generator<number> {
  const due = flows.toSorted((a, b) => a.time - b.time);
  let now = START + 1;
  let next = 0;
  for (const step of steps) {
    now += step * 30_000;
    for (let flow = due[next]; flow && flow.time <= now; flow = due[++next]) topology.add(flow);
    yield now;
  }
}

describe('live view', () => {
  test('however often it advances, it shows what a map of its window made afresh shows', () => {
    fc.assert(
      fc.property(fc.array(arbTraffic, { maxLength: 60 }), arbSteps, (flows, steps) => {
        const topology = aTopology();
        const live = topology.live('workload');
        for (const now of play(topology, flows, steps)) {
          TopologyDeltaJson.parse(JSON.parse(JSON.stringify(live.advance(now, coverage))));
          expect(live.advance(now, coverage).edges).toEqual([]); // nothing changed since
          const current = live.current(now, coverage);
          const expected = topology.snapshot('workload', current.from, now, now, coverage);
          expect(byKey(current.edges.filter((edge) => edge.status !== 'idle'))).toEqual(byKey(expected.edges));
          const nodes = byId(current.nodes);
          for (const node of expected.nodes) expect(nodes.get(node.id)).toEqual(node);
        }
      }),
    );
  });

  test('deltas applied one after the other give the current map', () => {
    fc.assert(
      fc.property(fc.array(arbTraffic, { maxLength: 60 }), arbSteps, (flows, steps) => {
        const topology = aTopology();
        const live = topology.live('namespace');
        const first = live.current(START, coverage);
        const nodes = byId(first.nodes);
        const edges = byKey(first.edges);
        for (const now of play(topology, flows, steps)) {
          const delta = live.advance(now, coverage);
          for (const id of delta.removedNodes) nodes.delete(id);
          for (const key of delta.removedEdges) edges.delete(key);
          for (const node of delta.nodes) nodes.set(node.id, node);
          for (const edge of delta.edges) edges.set(edge.key, edge);
        }
        const current = live.current(START, coverage);
        expect(edges).toEqual(byKey(current.edges));
        expect(nodes).toEqual(byId(current.nodes));
      }),
    );
  });

  test('an edge without flows in the window stays as idle for a while, then it goes', () => {
    const topology = aTopology([aFlow({ time: START })]);
    const live = topology.live('workload');
    const statusAt = (minutes: number) => {
      live.advance(START + minutes * MINUTE, coverage);
      return live.current(0, coverage).edges.map(({ status }) => status);
    };
    expect(statusAt(1)).toEqual(['active']);
    expect(statusAt(7)).toEqual(['idle']);
    expect(live.advance(START + 30 * MINUTE, coverage)).toMatchObject({
      removedEdges: ['payments/checkout-api->payments/ledger:TCP/9090'],
      removedNodes: ['payments/checkout-api', 'payments/ledger'],
    });
    expect(live.current(0, coverage).nodes).toEqual([]);
  });

  test('a delta holds only what changed', () => {
    const other = aFlow({ time: START, destination: pod('b', 'db', 0) });
    const topology = aTopology([aFlow({ time: START }), other]);
    const live = topology.live('pod');
    live.advance(START + 1000, coverage);
    topology.add({ ...other, time: START + 2000 });
    const delta = live.advance(START + 3000, coverage);
    expect(delta.edges.map(({ destination, flows }) => [destination, flows])).toEqual([['b/db-0', 2]]);
    expect(delta.nodes.map(({ id }) => id)).toEqual(['payments/checkout-api-7d9f6c5b8-qgjtc', 'b/db-0']);
  });

  test.each([
    ['one drop of two', 1, 1, 'active'],
    ['more than one in twenty dropped, of enough', 2, 30, 'suspicious'],
    ['exactly one in twenty', 1, 19, 'active'],
  ])('%s is no alarm unless it is one', (_, dropped, forwarded, status) => {
    const drops = Array.from({ length: dropped }, () => aDroppedFlow({ time: START }));
    const passes = Array.from({ length: forwarded }, () => aFlow({ time: START }));
    expect(everything(aTopology([...drops, ...passes]), 'workload').edges[0]?.status).toBe(status);
  });
});

describe('bounds', () => {
  test('minutes older than an hour leave memory, and flows of then are late', () => {
    const topology = aTopology([aFlow({ time: START }), aFlow({ time: START + 61 * MINUTE }), aFlow({ time: START })]);
    expect(topology.late).toBe(1);
    expect(topology.heldFrom).toBe(START + 2 * MINUTE);
    expect(topology.size).toEqual({ edges: 1, slots: 1 });
  });

  test('when memory is full the oldest minutes go, and the map says from when on it is complete', () => {
    const topology = new RollingTopology({ cluster: 'test', maxSlots: 3 });
    for (let minute = 0; minute < 10; minute++) topology.add(aFlow({ time: START + minute * MINUTE }));
    expect(topology.size.slots).toBe(3);
    expect(topology.heldFrom).toBe(START + 7 * MINUTE);
  });

  test('a port scan shares one edge beyond the limit, with exact counts, and a finding says so', () => {
    const scan = Array.from({ length: 500 }, (_, port) =>
      aDroppedFlow({
        time: START + port,
        l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: 1 + port, flags: ['SYN'] },
      }),
    );
    const topology = aTopology(scan);
    const { edges } = everything(topology, 'pod');
    expect(edges).toHaveLength(33);
    expect(flowsOf(edges)).toBe(500);
    expect(edges.find(({ port }) => port === 0)?.flows).toBe(468);
    expect(topology.attribution.directory.findings).toMatchObject([
      { kind: 'ports', source: 'payments/checkout-api', destination: 'payments/ledger', flows: 468 },
    ]);
  });

  test('random names outside become the world beyond the limit', () => {
    const names = Array.from({ length: 400 }, (_, index) => toName(`n${index}.example`, `203.0.${index >> 8}.${index & 255}`));
    const topology = aTopology(names);
    const { edges, nodes } = everything(topology, 'workload');
    expect(nodes.filter(({ kind }) => kind === 'external')).toHaveLength(256);
    expect(edges.find(({ destination }) => destination === 'entity:world')?.flows).toBe(144);
    expect(flowsOf(edges)).toBe(400);
  });

  test('pods and edges beyond the limit are counted together', () => {
    const flows = Array.from({ length: 50 }, (_, index) =>
      aFlow({ time: START, source: anEndpoint({ podName: `p-${index}`, workload: { name: 'p', kind: 'StatefulSet' } }) }),
    );
    const fewPods = aTopology(flows, { pods: 10 });
    expect(flowsOf(everything(fewPods, 'pod').edges)).toBe(50);
    expect(everything(fewPods, 'pod').nodes.length).toBeLessThanOrEqual(12);
    const fewEdges = aTopology(flows, { edges: 5 });
    expect(flowsOf(everything(fewEdges, 'pod').edges)).toBe(50);
    expect(fewEdges.attribution.directory.edgeCount).toBeLessThanOrEqual(6);
  });

  test('what was not seen for more than an hour is forgotten', () => {
    const scan = Array.from({ length: 40 }, (_, port) =>
      aFlow({ time: START, l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: 1 + port } }),
    );
    const late = aFlow({ time: START + 90 * MINUTE, l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: 7777 } });
    const topology = aTopology([...scan, late]);
    expect(topology.attribution.directory.edgeCount).toBe(1);
    expect(everything(topology, 'pod').edges).toEqual([]);
    const now = START + 91 * MINUTE;
    expect(topology.snapshot('pod', START + 90 * MINUTE, now, now, coverage).edges.map(({ port }) => port)).toEqual([7777]);
  });
});
