import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compilePolicies } from './compile.ts';
import { explain } from './explain.ts';
import { findPeer } from './explain-peer.ts';
import type { L7Request, Peer, PolicyObject, PolicyProtocol, Question, World } from './model.ts';
import { worldOf } from './vectors.ts';

const pod = (name: string, labels: Record<string, string> = {}) => ({
  id: name,
  namespace: name.split('/')[0] ?? '',
  labels: { app: name.split('/')[1]?.replace(/-\d+$/, '') ?? '', ...labels },
});
const WORLD = worldOf({
  namespaces: { gateway: {}, payments: {} },
  endpoints: [
    pod('gateway/web-bff-1'),
    pod('payments/payments-db-1'),
    pod('payments/checkout-api-1'),
    pod('payments/ledger-1', { tier: 'core' }),
  ],
  nodes: [{ id: 'node-1', ip: '10.0.0.1', local: true }],
  fqdnCache: { 'api.example.com': ['203.0.113.7'] },
});
const cnp = (namespace: string, name: string, spec: unknown): PolicyObject => ({
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace },
  spec,
});
const tcp = (port: string, rules?: unknown) => [{ ports: [{ port, protocol: 'TCP' }], ...(rules !== undefined && { rules }) }];

const POLICIES = [
  cnp('gateway', 'bff-to-checkout', {
    endpointSelector: { matchLabels: { app: 'web-bff' } },
    egress: [
      {
        toEndpoints: [{ matchLabels: { app: 'checkout-api', 'k8s:io.kubernetes.pod.namespace': 'payments' } }],
        toPorts: tcp('8080'),
      },
    ],
  }),
  cnp('gateway', 'allow-dns', {
    endpointSelector: {},
    egress: [
      {
        toEntities: ['host'],
        toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*.svc.cluster.local' }] } }],
      },
    ],
  }),
  cnp('payments', 'ledger-in', {
    endpointSelector: { matchLabels: { app: 'ledger' } },
    ingress: [
      {
        fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }],
        authentication: { mode: 'required' },
        toPorts: tcp('9090', {
          http: [
            { method: 'POST', path: '/v1/entries' },
            { method: 'GET', path: '/v1/accounts/[0-9]+' },
          ],
        }),
      },
    ],
    ingressDeny: [{ fromEntities: ['world'] }],
  }),
];

function ask(
  from: string,
  to: string,
  port: number,
  more: { l7?: L7Request; protocol?: PolicyProtocol; policies?: PolicyObject[]; world?: World } = {},
) {
  const { policies = POLICIES, world = WORLD, protocol = 'TCP', l7 } = more;
  const [src, dst] = [findPeer(from, world), findPeer(to, world)];
  if (!src || !dst) throw new Error('nobody of that name');
  const question: Question = { src: src.peer, dst: dst.peer, protocol, port, ...(l7 && { l7 }) };
  return explain({ compiled: compilePolicies(world, policies), policies }, question, { from: src.name, to: dst.name });
}

const told = (steps: readonly { tone: string; text: string }[]) => steps.map(({ tone, text }) => `${tone}: ${text}`);

test('a default denial: who selects, what is missing, and what each rule that came near wants', () => {
  const { verdict, headline, egress, ingress } = ask('gateway/web-bff', 'payments/payments-db', 5432);
  expect(verdict).toBe('denied');
  expect(headline).toBe('Denied at egress of gateway/web-bff: no rule allows it.');
  expect(told(egress.steps)).toEqual([
    'note: Egress at gateway/web-bff: 2 policies select it; default deny is on.',
    'denied: No rule allows TCP/5432 to payments/payments-db.',
  ]);
  expect(egress.selecting).toEqual([
    { policy: 'cnp:gateway/bff-to-checkout', rules: 1, defaultDeny: true },
    { policy: 'cnp:gateway/allow-dns', rules: 1, defaultDeny: true },
  ]);
  expect(egress.near.map(({ rule, failed }) => [rule.policy, failed])).toEqual([
    [
      'cnp:gateway/bff-to-checkout',
      [
        { what: 'peer', wanted: 'app=checkout-api', got: 'app=payments-db' },
        { what: 'port', wanted: 'TCP/8080', got: 'TCP/5432' },
      ],
    ],
    [
      'cnp:gateway/allow-dns',
      [
        { what: 'peer', wanted: 'host', got: 'payments/payments-db' },
        { what: 'protocol', wanted: 'UDP/53', got: 'TCP/5432' },
      ],
    ],
  ]);
  expect(told(ingress.steps)).toEqual(['note: Ingress at payments/payments-db: no policy selects it, so everything passes.']);
});

test('a request that no HTTP rule lets pass names the field that failed', () => {
  const l7 = { http: { method: 'GET', path: '/v1/accounts/x' } };
  const { headline, ingress } = ask('payments/checkout-api', 'payments/ledger', 9090, { l7 });
  expect(headline).toBe('Denied at ingress of payments/ledger: no rule lets this request pass.');
  expect(told(ingress.steps)).toEqual([
    'note: Ingress at payments/ledger: 1 policy selects it; default deny is on.',
    'allowed: A rule allows traffic from payments/checkout-api on TCP/9090, HTTP POST /v1/entries or GET /v1/accounts/[0-9]+, after mutual authentication.',
    'note: The two ends must authenticate each other first (mutual authentication): without it the traffic is dropped.',
    'note: It is handed to the HTTP proxy (Envoy), which judges each request.',
    'denied: No rule lets the request GET /v1/accounts/x pass: the proxy answers 403.',
  ]);
  expect(ingress.near[0]?.failed).toEqual([{ what: 'http', wanted: 'path /v1/accounts/[0-9]+', got: 'path /v1/accounts/x' }]);
  expect(
    ask('payments/checkout-api', 'payments/ledger', 9090, { l7: { http: { method: 'GET', path: '/v1/accounts/7' } } }).headline,
  ).toBe('Allowed by 1 rule, after mutual authentication.');
});

test('a name that the DNS proxy refuses', () => {
  const { egress } = ask('gateway/web-bff', 'host', 53, { protocol: 'UDP', l7: { dns: 'api.example.com' } });
  expect(egress.l7).toBe('denied');
  expect(egress.near[0]?.failed).toEqual([{ what: 'dns', wanted: '*.svc.cluster.local', got: 'api.example.com' }]);
});

test('a deny rule decides over every allow, and no rule is said to come near', () => {
  const { headline, ingress } = ask('203.0.113.7', 'payments/ledger', 9090);
  expect(headline).toBe('Denied at ingress of payments/ledger: a deny rule of cnp:payments/ledger-in.');
  expect(ingress.steps[1]).toEqual({
    tone: 'denied',
    text: 'A rule denies traffic from world on every port.',
    rule: { policy: 'cnp:payments/ledger-in', path: 'spec.ingressDeny[0]' },
  });
  expect(ingress.near).toEqual([]);
});

test('what is no subject, the local host, policies that close nothing, audit and enforcement tell themselves', () => {
  expect(told(ask('payments/checkout-api', '198.51.100.1', 443).ingress.steps)).toEqual([
    'note: Ingress at 198.51.100.1: no policy is enforced on it, so this direction lets everything pass.',
  ]);
  expect(ask('host', 'payments/ledger', 1).ingress.steps[1]?.text).toContain('own node may always reach it');
  const open = [
    cnp('payments', 'open', {
      endpointSelector: {},
      enableDefaultDeny: { ingress: false },
      ingress: [{ fromEntities: ['health'] }],
    }),
  ];
  expect(told(ask('gateway/web-bff', 'payments/ledger', 1, { policies: open }).ingress.steps)).toEqual([
    'note: Ingress at payments/ledger: 1 policy selects it; default deny is off.',
    'allowed: No rule covers TCP/1 from gateway/web-bff, and none of these policies closes this direction: it passes.',
  ]);
  const audit = { ...WORLD, config: { policyAuditMode: true } };
  expect(ask('gateway/web-bff', 'payments/ledger', 1, { world: audit }).headline).toContain('only reported (audit mode)');
  const always = { ...WORLD, config: { policyEnforcement: 'always' as const } };
  expect(ask('payments/payments-db', 'payments/checkout-api', 1, { world: always }).egress.steps[0]?.text).toContain(
    'enforcement is set to always',
  );
  const never = { ...WORLD, config: { policyEnforcement: 'never' as const } };
  expect(ask('gateway/web-bff', 'payments/ledger', 1, { world: never }).ingress.steps[0]?.text).toContain('set to never');
});

test('contradicting policies name the two rules', () => {
  const both = (mode: string) => ({
    fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }],
    toPorts: tcp('80'),
    authentication: { mode },
  });
  const policies = [cnp('payments', 'p', { endpointSelector: {}, ingress: [both('required'), both('test-always-fail')] })];
  const { verdict, ingress } = ask('payments/checkout-api', 'payments/ledger', 80, { policies });
  expect(verdict).toBe('error');
  expect(ingress.steps.flatMap(({ rule }) => rule?.path ?? [])).toEqual(['spec.ingress[0]', 'spec.ingress[1]']);
});

test('what cannot be told says why', () => {
  const policies = [cnp('payments', 'p', { endpointSelector: {}, egress: [{ toCIDR: ['203.0.113.0/24'] }] })];
  const compiled = compilePolicies(WORLD, policies);
  const question: Question = {
    src: { endpoint: 'payments/ledger-1' },
    dst: { seen: { labels: ['reserved:world'] } },
    protocol: 'TCP',
    port: 443,
  };
  const { verdict, headline, egress } = explain({ compiled, policies }, question);
  expect(verdict).toBe('unknown');
  expect(headline).toContain('the address of the peer was not recorded');
  expect(egress.steps.at(-1)).toMatchObject({ tone: 'unknown', rule: { path: 'spec.egress[0]' } });
});

test('peers are found by pod, workload, label, address, node, entity and name', () => {
  const named = (text: string): Peer | undefined => findPeer(text, WORLD)?.peer;
  expect(named('payments/ledger-1')).toEqual({ endpoint: 'payments/ledger-1' });
  expect(named('payments/ledger')).toEqual({ endpoint: 'payments/ledger-1' });
  expect(named('10.0.0.1')).toEqual({ ip: '10.0.0.1' });
  expect(named('entity:health')).toEqual({ entity: 'health' });
  expect(named('fqdn:API.example.com.')).toEqual({
    seen: { labels: ['reserved:world'], names: ['api.example.com'], ip: '203.0.113.7' },
  });
  expect(named('payments/nobody')).toBeUndefined();
  expect(named('payments/__proto__')).toBeUndefined();
});

const VECTORS = '../shared/policy-vectors';
describe.skipIf(!existsSync(VECTORS))('the policy vectors', () => {
  const files = (existsSync(VECTORS) ? readdirSync(VECTORS) : ['none.json']).filter(
    (file) => file.endsWith('.json') && !/^(validation|name-patterns|random-[2-9])/.test(file),
  );
  test.each(files)(
    '%s: every answer is told, and where nothing allows it each rule that came near fails in something',
    (file) => {
      const { vectors } = JSON.parse(readFileSync(join(VECTORS, file), 'utf8'));
      const faults: string[] = [];
      for (const { id, world, policies, queries } of vectors) {
        const compiled = compilePolicies(worldOf(world), policies ?? []);
        for (const { id: query, src, dst, proto, port, l7 } of queries) {
          const answer = explain({ compiled, policies: policies ?? [] }, { src, dst, protocol: proto, port, ...(l7 && { l7 }) });
          for (const { steps, near, reason, l7: request } of [answer.egress, answer.ingress]) {
            const isTold = answer.headline !== '' && !/undefined|\[object/.test(steps.map(({ text }) => text).join(' '));
            const isNear =
              request === 'denied' ? near.length > 0 : reason !== 'default-deny' || near.every(({ failed }) => failed.length > 0);
            if (!isTold || !isNear) faults.push(`${id} ${query}`);
          }
        }
      }
      expect(faults).toEqual([]);
    },
  );
});
