import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { replay } from '#lib/audit/replay.ts';
import { TrafficBuilder } from '#lib/testing/judge-input.ts';
import { compilePolicies, recompile } from './compile.ts';
import { decide } from './decide.ts';
import { findPeer } from './explain-peer.ts';
import type { L7Request, PolicyObject, PolicyProtocol, Question } from './model.ts';
import { nearestChanges, type NearestFacts } from './nearest.ts';
import { refOf } from './policy-ref.ts';
import { problemsOf } from './validate.ts';
import { worldOf } from './vectors.ts';

const pod = (name: string) => ({
  id: `${name}-1`,
  namespace: name.split('/')[0] ?? '',
  labels: { app: name.split('/')[1] ?? '', 'pod-template-hash': 'x' },
});
const WORLD = worldOf({
  namespaces: Object.fromEntries(
    ['gateway', 'payments'].map((name) => [name, { labels: { 'kubernetes.io/metadata.name': name } }]),
  ),
  endpoints: [pod('gateway/web-bff'), pod('gateway/edge'), pod('payments/db'), pod('payments/ledger')],
  nodes: [{ id: 'node-1', ip: '10.0.0.1', local: true }],
  fqdnCache: { 'api.example.com': ['203.0.113.7'] },
});

const TEXT = `# ours, ask before you change it
kind: CiliumNetworkPolicy
metadata: { name: bff-to-ledger, namespace: gateway }
spec:
  endpointSelector: { matchLabels: { app: web-bff } }
  egress:
  - toEndpoints: # the ledger
    - matchLabels: { app: ledger, "k8s:io.kubernetes.pod.namespace": payments }
`;
const BFF = parse(TEXT) as PolicyObject;
const closed = (namespace: string): PolicyObject => ({
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'closed', namespace },
  spec: { endpointSelector: {}, ingress: [{}], egress: [{}] },
});

function ask(
  from: string,
  to: string,
  port: number,
  policies: PolicyObject[],
  more: { l7?: L7Request; protocol?: PolicyProtocol } & Partial<NearestFacts> = {},
) {
  const { l7, protocol = 'TCP', ...facts } = more;
  const [src, dst] = [findPeer(from, WORLD)?.peer, findPeer(to, WORLD)?.peer];
  if (!src || !dst) throw new Error('nobody of that name');
  const question: Question = { src, dst, protocol, port, ...(l7 && { l7 }) };
  return nearestChanges({ compiled: compilePolicies(WORLD, policies), policies, ...facts }, question);
}

test('the rule goes into the policy that selects just the workload, whose text stays as it was', () => {
  const [change, ...others] = ask('gateway/web-bff', 'payments/db', 5432, [BFF, closed('gateway')], {
    textOf: (ref) => (ref === 'cnp:gateway/bff-to-ledger' ? TEXT : undefined),
  });
  expect(others).toEqual([]);
  expect(change).toMatchObject({
    direction: 'egress',
    policy: 'cnp:gateway/bff-to-ledger',
    isNew: false,
    peers: 1,
    alsoAllows: [],
  });
  expect(change?.text).toBe('cnp:gateway/bff-to-ledger gets an egress rule to payments/db on TCP/5432.');
  expect(change?.yaml).toBe(`${TEXT}  - toEndpoints:
      - matchLabels:
          app: db
          k8s:io.kubernetes.pod.namespace: payments
    toPorts:
      - ports:
          - port: "5432"
            protocol: TCP
`);
  expect(change?.lines).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
});

test('where both directions deny each has its change; without a policy of the workload it is a new one', () => {
  const changes = ask('gateway/edge', 'payments/db', 5432, [closed('gateway'), closed('payments')]);
  expect(changes.map(({ direction, policy, isNew }) => [direction, policy, isNew])).toEqual([
    ['egress', 'cnp:gateway/edge-to-db', true],
    ['ingress', 'cnp:payments/db-from-edge', true],
  ]);
  expect(parse(changes[1]?.yaml ?? '').spec).toEqual({
    endpointSelector: { matchLabels: { app: 'db' } },
    ingress: [
      {
        fromEndpoints: [{ matchLabels: { app: 'edge', 'k8s:io.kubernetes.pod.namespace': 'gateway' } }],
        toPorts: [{ ports: [{ port: '5432', protocol: 'TCP' }] }],
      },
    ],
  });
});

test('names bring a DNS rule unless one is there; addresses, nodes and the API server are what they are', () => {
  const egressOf = (to: string, policies = [closed('gateway')]) =>
    parse(ask('gateway/edge', to, 443, policies)[0]?.yaml ?? '').spec.egress;
  const named = egressOf('fqdn:api.example.com');
  expect(named[0].toFQDNs).toEqual([{ matchName: 'api.example.com' }]);
  expect(named[1].toPorts[0].rules).toEqual({ dns: [{ matchName: 'api.example.com' }] });
  const dns: PolicyObject = {
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'dns', namespace: 'gateway' },
    spec: {
      endpointSelector: {},
      egress: [
        {
          toEntities: ['host'],
          toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }],
        },
      ],
    },
  };
  expect(egressOf('fqdn:api.example.com', [dns])).toHaveLength(1);
  expect(egressOf('198.51.100.9')[0].toCIDR).toEqual(['198.51.100.9/32']);
  expect(egressOf('entity:kube-apiserver')[0].toEntities).toEqual(['kube-apiserver']);
  expect(egressOf('10.0.0.1')[0].toEntities).toEqual(['host']);
});

test('a refused request gets a rule for just this request', () => {
  const ledger: PolicyObject = {
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'ledger', namespace: 'payments' },
    spec: {
      endpointSelector: { matchLabels: { app: 'ledger' } },
      ingress: [
        {
          fromEntities: ['all'],
          toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET', path: '/ok' }] } }],
        },
      ],
    },
  };
  const [change] = ask('gateway/edge', 'payments/ledger', 80, [ledger], {
    l7: { http: { method: 'POST', path: '/v1/a.b?x=1' } },
  });
  expect(parse(change?.yaml ?? '').spec.ingress[1].toPorts[0].rules).toEqual({
    http: [{ method: 'POST', path: String.raw`/v1/a\.b\?x=1` }],
  });
});

test('a NetworkPolicy of the workload takes the rule in its own words', () => {
  const knp: PolicyObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'db', namespace: 'payments' },
    spec: {
      podSelector: { matchLabels: { app: 'db' } },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'ledger' } } }] }],
    },
  };
  const [change] = ask('gateway/edge', 'payments/db', 5432, [knp]);
  expect(change).toMatchObject({ policy: 'knp:payments/db', isNew: false });
  expect(parse(change?.yaml ?? '').spec.ingress[1]).toEqual({
    from: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway' } },
        podSelector: { matchLabels: { app: 'edge' } },
      },
    ],
    ports: [{ port: 5432, protocol: 'TCP' }],
  });
});

test('nothing is proposed against a deny rule, for what is allowed, or for what no rule can name', () => {
  const deny: PolicyObject = {
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'deny', namespace: 'payments' },
    spec: { endpointSelector: {}, ingressDeny: [{ fromEntities: ['all'] }] },
  };
  expect(ask('gateway/edge', 'payments/db', 80, [deny])).toEqual([]);
  expect(ask('gateway/edge', 'payments/db', 80, [])).toEqual([]);
  const question: Question = {
    src: { endpoint: 'gateway/edge-1' },
    dst: { seen: { labels: ['reserved:world'], ip: 'not an address' } },
    protocol: 'TCP',
    port: 80,
  };
  expect(
    nearestChanges({ compiled: compilePolicies(WORLD, [closed('gateway')]), policies: [closed('gateway')] }, question),
  ).toEqual([]);
});

test('what else would pass is told from what was seen, the question itself left out', () => {
  const traffic = new TrafficBuilder();
  const [edge, canary, db] = [
    traffic.pod('gateway/edge'),
    traffic.pod('gateway/edge-canary', ['app=edge', 'track=canary']),
    traffic.pod('payments/db'),
  ];
  traffic
    .tuple(edge, db, { port: 5432, verdict: 'DROPPED', flows: 5 })
    .tuple(canary, db, { port: 5432, verdict: 'DROPPED', flows: 7 })
    .tuple(canary, db, { port: 22, verdict: 'DROPPED' });
  const [, ingress] = ask('gateway/edge', 'payments/db', 5432, [closed('gateway'), closed('payments')], {
    traffic: replay(traffic.input()),
    names: { from: 'gateway/edge', to: 'payments/db' },
  });
  expect(ingress?.alsoAllows).toEqual([
    { source: 'gateway/edge-canary', destination: 'payments/db', protocol: 'TCP', port: 5432, flows: 7 },
  ]);
});

const VECTORS = '../shared/policy-vectors';
describe.skipIf(!existsSync(VECTORS))('the policy vectors', () => {
  test.each([
    'random-1.json',
    'l7-http.json',
    'l7-dns.json',
    'entities.json',
    'fqdn.json',
    'cidr.json',
    'host-policy.json',
    'clustermesh.json',
    'knp.json',
    'icmp.json',
  ])('%s: each change is valid and lets its direction pass', (file) => {
    const { vectors } = JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8'));
    let changes = 0;
    const faults: string[] = [];
    for (const { world, policies, queries } of vectors.slice(0, 12)) {
      const facts = { compiled: compilePolicies(worldOf(world), policies ?? []), policies: policies ?? [] };
      for (const { id, src, dst, proto, port, l7 } of queries) {
        const question: Question = { src, dst, protocol: proto, port, ...(l7 && { l7 }) };
        for (const { yaml, direction } of nearestChanges(facts, question)) {
          changes++;
          const object = parse(yaml) as PolicyObject;
          const own = facts.policies.find((one: PolicyObject) => refOf(one) === refOf(object));
          const before = own ? problemsOf(own, world.config).length : 0;
          if (problemsOf(object, world.config).length > before) faults.push(`${id}: ${yaml}`);
          const changed = recompile(facts.compiled, { put: [object] });
          const { verdict, l7: request } = decide(changed, question)[direction];
          if (verdict !== 'allowed' || request === 'denied') faults.push(`${id}: ${direction} ${verdict}`);
        }
      }
    }
    expect(faults).toEqual([]);
    expect(changes).toBeGreaterThan(0);
  });
});
