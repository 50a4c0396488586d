import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { Suggestion } from '#lib/api/what-if.ts';
import type { JudgeInput } from '#lib/audit/judge-input.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import {
  address,
  EMPTY_WORLD,
  entity,
  named,
  recordedInput,
  recordedInputMissing,
  TrafficBuilder,
} from '#lib/testing/judge-input.ts';
import { roundTripFaults } from '#lib/testing/round-trip.ts';
import { suggestPolicies } from './suggest.ts';
import type { SuggestScope } from './suggestion.ts';

const BOTH: SuggestScope = { namespace: 'shop', directions: ['ingress', 'egress'], l7: false };

function suggest(input: JudgeInput, scope: Partial<SuggestScope> = {}) {
  const whole = { ...BOTH, ...scope };
  const set = suggestPolicies(input, whole, compilePolicies(input.world, input.policies));
  expect(() => Suggestion.parse(set)).not.toThrow();
  expect(roundTripFaults(input, whole)).toEqual([]);
  return set;
}

const specOf = (set: ReturnType<typeof suggest>, index = 0) => parse(set.policies[index]?.yaml ?? '').spec;
const cautionsOf = (set: ReturnType<typeof suggest>) =>
  set.policies.flatMap(({ rules }) => rules.flatMap(({ cautions }) => cautions)).join(' ');

test('peers with the same ports share a rule; each workload has one policy, and a direction without traffic is closed', () => {
  const traffic = new TrafficBuilder();
  const [cart, web, admin] = [traffic.pod('shop/cart'), traffic.pod('shop/web'), traffic.pod('ops/admin')];
  traffic.tuple(web, cart).tuple(admin, cart).tuple(admin, cart, { port: 9090 });
  const set = suggest(traffic.input(), { workload: 'cart' });
  expect(set.policies.map(({ policy }) => policy)).toEqual(['cnp:shop/cart-seen-traffic']);
  expect(specOf(set)).toEqual({
    endpointSelector: { matchLabels: { app: 'cart' } },
    ingress: [
      {
        fromEndpoints: [{ matchLabels: { app: 'admin', 'k8s:io.kubernetes.pod.namespace': 'ops' } }],
        toPorts: [
          {
            ports: [
              { port: '8080', protocol: 'TCP' },
              { port: '9090', protocol: 'TCP' },
            ],
          },
        ],
      },
      { fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: [{ ports: [{ port: '8080', protocol: 'TCP' }] }] },
    ],
    egress: [{}],
  });
  expect(set.yaml).toContain('# nothing was seen going out: closed');
  expect(set.policies[0]?.rules[0]).toMatchObject({
    path: 'spec.ingress[0]',
    text: 'from ops/admin on TCP/8080, TCP/9090',
    confidence: 'high',
    cautions: [],
    trafficTotal: 2,
  });
});

test('names bring the resolver that was really used, with a DNS section; TCP stands beside UDP', () => {
  const traffic = new TrafficBuilder();
  const [cart, dns] = [traffic.pod('shop/cart'), traffic.pod('infra/resolver', ['app=resolver'])];
  traffic
    .tuple(cart, dns, { protocol: 'UDP', port: 53 })
    .tuple(cart, dns, { protocol: 'UDP', port: 53, l7: { kind: 'dns', name: 'api.example.com' } })
    .tuple(cart, named('api.example.com', '203.0.113.7'), { port: 443 });
  const set = suggest(traffic.input(), { directions: ['egress'] });
  expect(specOf(set).egress).toEqual([
    {
      toEndpoints: [{ matchLabels: { app: 'resolver', 'k8s:io.kubernetes.pod.namespace': 'infra' } }],
      toPorts: [
        {
          ports: [
            { port: '53', protocol: 'UDP' },
            { port: '53', protocol: 'TCP' },
          ],
          rules: { dns: [{ matchPattern: '*' }] },
        },
      ],
    },
    { toFQDNs: [{ matchName: 'api.example.com' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
  ]);
  expect(specOf(set).ingress).toBeUndefined();
});

test('without its own DNS traffic a workload is given the resolver of the cluster, by the labels of its pods', () => {
  const traffic = new TrafficBuilder();
  traffic.tuple(traffic.pod('shop/cart'), named('api.example.com', '203.0.113.7'), { port: 443 });
  const endpoints = [
    { id: 'kube-system/coredns-1', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns', 'pod-template-hash': 'x' } },
  ];
  const set = suggest(traffic.input({ world: { ...EMPTY_WORLD, endpoints } }), { directions: ['egress'] });
  expect(specOf(set).egress[0].toEndpoints).toEqual([
    { matchLabels: { 'k8s-app': 'kube-dns', 'k8s:io.kubernetes.pod.namespace': 'kube-system' } },
  ]);
  expect(set.guardRails.join(' ')).toContain('Its own DNS questions were not recorded');
});

test('nodes, the API server and AWS’ metadata addresses are named as what they are', () => {
  const traffic = new TrafficBuilder();
  const cart = traffic.pod('shop/cart');
  traffic
    .tuple(cart, entity('host'), { port: 9100 })
    .tuple(cart, entity('kube-apiserver'), { port: 443 })
    .tuple(cart, { ...named('agent.example', '169.254.170.23') }, { port: 80 })
    .tuple(cart, address('169.254.169.254'), { port: 80 })
    .tuple(entity('host'), cart, { port: 8081 })
    .tuple(entity('health'), cart, { port: 4240 });
  const set = suggest(traffic.input());
  expect(specOf(set).egress).toEqual([
    { toEntities: ['host', 'remote-node'], toPorts: [{ ports: [{ port: '9100', protocol: 'TCP' }] }] },
    { toEntities: ['kube-apiserver'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
    { toCIDR: ['169.254.169.254/32', '169.254.170.23/32'], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] },
  ]);
  expect(set.yaml).toMatch(/# the instance metadata service|# the EKS Pod Identity agent/);
  expect(specOf(set).ingress).toEqual([{ fromEntities: ['health'], toPorts: [{ ports: [{ port: '4240', protocol: 'TCP' }] }] }]);
  expect(set.guardRails.join(' ')).toContain('kubelet');
});

test('the other name of a node is left out where it was refused', () => {
  const traffic = new TrafficBuilder();
  const cart = traffic.pod('shop/cart');
  traffic.tuple(cart, entity('host'), { port: 9100 }).tuple(cart, entity('remote-node'), { port: 9100, verdict: 'DROPPED' });
  expect(specOf(suggest(traffic.input(), { directions: ['egress'] })).egress[0].toEntities).toEqual(['host']);
});

test('what was refused is not let in by a rule for its neighbour', () => {
  const traffic = new TrafficBuilder();
  const [cart, old, next] = [
    traffic.pod('shop/cart'),
    traffic.pod('shop/web', ['app=web', 'track=stable']),
    traffic.pod('shop/web', ['app=web', 'track=canary']),
  ];
  traffic.tuple(old, cart).tuple(next, cart, { verdict: 'DROPPED' });
  const set = suggest(traffic.input(), { directions: ['ingress'], workload: 'cart' });
  expect(specOf(set).ingress[0].fromEndpoints).toEqual([{ matchLabels: { app: 'web', track: 'stable' } }]);
  expect(set.leftOut).toEqual([{ reason: 'Policy denied it.', tuples: 1, flows: 1000 }]);
});

test('requests that were refused keep HTTP rules although nobody asked for them', () => {
  const traffic = new TrafficBuilder();
  const [cart, web] = [traffic.pod('shop/cart'), traffic.pod('shop/web')];
  const http = (path: string, ...paths: string[]) => ({
    l7: { kind: 'http' as const, method: 'GET', host: 'cart', path },
    paths,
  });
  traffic
    .tuple(web, cart)
    .tuple(web, cart, http('/items/{number}', '/items/1', '/items/2'))
    .tuple(web, cart, { ...http('/admin', '/admin'), verdict: 'DROPPED', dropReason: '' });
  const rules = specOf(suggest(traffic.input(), { directions: ['ingress'], workload: 'cart' })).ingress[0].toPorts[0].rules;
  expect(rules).toEqual({ http: [{ method: 'GET', path: String.raw`/items/[0-9]+(\?.*)?` }] });
});

test('a template that would let a refused request in becomes the paths that were seen', () => {
  const traffic = new TrafficBuilder();
  const [cart, web] = [traffic.pod('shop/cart'), traffic.pod('shop/web')];
  const http = (...paths: string[]) => ({
    l7: { kind: 'http' as const, method: 'GET', host: 'cart', path: '/items/{number}' },
    paths,
  });
  traffic
    .tuple(web, cart)
    .tuple(web, cart, http('/items/1'))
    .tuple(web, cart, { ...http('/items/9'), verdict: 'DROPPED', dropReason: '', l7: { ...http().l7, host: 'other' } });
  const set = suggest(traffic.input(), { directions: ['ingress'], workload: 'cart', l7: true });
  expect(specOf(set).ingress[0].toPorts[0].rules).toEqual({ http: [{ method: 'GET', path: '/items/1' }] });
  expect(cautionsOf(set)).toContain('others like them were refused');
});

test('names that were refused leave only those that passed', () => {
  const traffic = new TrafficBuilder();
  const [cart, dns] = [traffic.pod('shop/cart'), traffic.pod('kube-system/coredns', ['k8s-app=kube-dns'])];
  const ask = (name: string, verdict = 'FORWARDED') =>
    traffic.tuple(cart, dns, { protocol: 'UDP', port: 53, l7: { kind: 'dns', name }, verdict, dropReason: '' });
  traffic.tuple(cart, dns, { protocol: 'UDP', port: 53 });
  ask('a.example.com');
  ask('evil.example.com', 'DROPPED');
  expect(specOf(suggest(traffic.input(), { directions: ['egress'] })).egress[0].toPorts[0].rules).toEqual({
    dns: [{ matchName: 'a.example.com' }],
  });
});

test('many outside addresses become the world, unless one of them was refused', () => {
  const traffic = new TrafficBuilder();
  const cart = traffic.pod('shop/cart');
  for (let host = 1; host <= 11; host++) traffic.tuple(address(`198.51.100.${host}`), cart, { port: 443 });
  const set = suggest(traffic.input(), { directions: ['ingress'] });
  expect(specOf(set).ingress).toEqual([{ fromEntities: ['world'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }]);
  expect(set.policies[0]?.rules[0]?.confidence).toBe('low');
  traffic.tuple(address('198.51.100.99'), cart, { port: 443, verdict: 'DROPPED' });
  expect(specOf(suggest(traffic.input(), { directions: ['ingress'] })).ingress[0].fromCIDR).toHaveLength(11);
});

test('rare traffic stands in a rule of its own, with a caution', () => {
  const traffic = new TrafficBuilder();
  const [cart, web, job] = [traffic.pod('shop/cart'), traffic.pod('shop/web'), traffic.pod('shop/job')];
  traffic.tuple(web, cart).tuple(job, cart, { flows: 6 });
  const set = suggest(traffic.input(), { directions: ['ingress'], workload: 'cart' });
  expect(set.policies[0]?.rules.map(({ text, confidence }) => [text, confidence])).toEqual([
    ['from shop/job on TCP/8080', 'low'],
    ['from shop/web on TCP/8080', 'high'],
  ]);
  expect(cautionsOf(set)).toContain('about two connections');
});

test('what passed although the set in force denies it is left out with that reason', () => {
  const traffic = new TrafficBuilder();
  const [cart, web] = [traffic.pod('shop/cart'), traffic.pod('shop/web')];
  const policies: PolicyObject[] = [
    {
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'closed', namespace: 'shop' },
      spec: { endpointSelector: {}, ingress: [{}] },
    },
  ];
  traffic.tuple(web, cart);
  const set = suggest(traffic.input({ policies }), { directions: ['ingress'], workload: 'cart' });
  expect(set.leftOut).toEqual([
    { reason: 'It passed although the set in force denies it: the audit says why.', tuples: 1, flows: 1000 },
  ]);
});

test('authentication that the set in force asks for stays', () => {
  const traffic = new TrafficBuilder();
  const [cart, web] = [traffic.pod('shop/cart'), traffic.pod('shop/web')];
  const ingress = [{ fromEndpoints: [{ matchLabels: { app: 'web' } }], authentication: { mode: 'required' } }];
  const policies: PolicyObject[] = [
    {
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { endpointSelector: { matchLabels: { app: 'cart' } }, ingress },
    },
  ];
  const seen = [
    { verdict: 'FORWARDED', dropReason: '', flows: 900 },
    { verdict: 'DROPPED', dropReason: 'AUTH_REQUIRED', flows: 3 },
  ];
  traffic.tuple(web, cart, { seen });
  const set = suggest(traffic.input({ policies }));
  const [cartPolicy, webPolicy] = [specOf(set, 0), specOf(set, 1)];
  expect(cartPolicy.ingress[0].authentication).toEqual({ mode: 'required' });
  expect(webPolicy.egress[0].authentication).toBeUndefined();
  expect(cautionsOf(set)).toContain('had not authenticated each other');
});

test('pods of another cluster are peers with their cluster named, and no subjects', () => {
  const traffic = new TrafficBuilder();
  const [cart, web] = [traffic.pod('shop/cart'), traffic.pod('shop/web')];
  traffic.tuple(web, cart);
  const input = traffic.input();
  const labelSets = new Map(
    [...input.labelSets].map(([hash, labels]) => [
      hash,
      labels.map((one) => (hash === web.labels ? one.replace('cluster=default', 'cluster=west') : one)),
    ]),
  );
  const set = suggest({ ...input, labelSets });
  expect(set.policies.map(({ workload }) => workload)).toEqual(['shop/cart']);
  expect(specOf(set).ingress[0].fromEndpoints).toEqual([
    { matchLabels: { app: 'web', 'k8s:io.kubernetes.pod.namespace': 'shop', 'k8s:io.cilium.k8s.policy.cluster': 'west' } },
  ]);
});

test('pods that are gone and had nothing that passed get no policy', () => {
  const traffic = new TrafficBuilder();
  const [gone, cart] = [traffic.pod('shop/gone'), traffic.pod('shop/cart')];
  traffic.tuple(gone, cart, { verdict: 'DROPPED' });
  const input = traffic.input();
  const identityLabels = input.labelSets.get(cart.labels) ?? [];
  const endpoints = [{ id: 'shop/cart-1', namespace: 'shop', labels: { app: 'cart' }, identityLabels }];
  const set = suggest({ ...input, world: { ...EMPTY_WORLD, endpoints } });
  expect(set.policies.map(({ workload }) => workload)).toEqual(['shop/cart']);
});

test('a short window and lost events are said, names that are taken are not used again', () => {
  const traffic = new TrafficBuilder();
  traffic.tuple(traffic.pod('shop/web'), traffic.pod('shop/cart'));
  const policies: PolicyObject[] = [
    {
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'cart-seen-traffic', namespace: 'shop' },
      spec: { endpointSelector: {}, ingress: [{ fromEntities: ['all'] }] },
    },
  ];
  const set = suggest(traffic.input({ to: 3_600_000, incompleteMinutes: 4, policies }), {
    workload: 'cart',
    directions: ['ingress'],
  });
  expect(set.guardRails.slice(0, 2).join(' ')).toMatch(/60 minutes.*4 of 60 minutes/s);
  expect(set.policies[0]?.policy).toBe('cnp:shop/cart-seen-traffic-2');
});

test('hostile names are text in a comment or nothing', () => {
  const traffic = new TrafficBuilder();
  traffic.tuple(traffic.pod('shop/cart'), named('a.example.com\nspec: {}', '203.0.113.9'), { port: 443 });
  const set = suggest(traffic.input(), { directions: ['egress'] });
  expect(parseAllDocuments(set.yaml)).toHaveLength(1);
  expect(specOf(set).egress[0].toCIDR).toEqual(['203.0.113.9/32']);
});

describe.skipIf(recordedInputMissing())('the recording', () => {
  const input = recordedInput();
  const inForce = compilePolicies(input.world, input.policies);
  const namespaces = ['gateway', 'payments', 'spire-server', 'monitoring', 'kube-system'];

  test.each(namespaces.flatMap((namespace) => [false, true].map((l7) => ({ namespace, l7 }))))(
    '$namespace (L7 rules: $l7): the suggestion allows what it was made from and nothing else',
    ({ namespace, l7 }) => {
      const scope: SuggestScope = { namespace, directions: ['ingress', 'egress'], l7 };
      expect(roundTripFaults(input, scope)).toEqual([]);
      const set = suggestPolicies(input, scope, inForce);
      // Only the traffic to the endpoints that audit is let in anew.
      expect(set.check).toMatchObject({ newlyDenied: 0, newlyAllowed: namespace === 'payments' ? 1 : 0 });
    },
  );

  test('what happened but twice stands apart, what only audit let through and what failed to authenticate are said', () => {
    const set = suggestPolicies(input, { namespace: 'payments', directions: ['ingress', 'egress'], l7: false }, inForce);
    const low = set.policies.flatMap(({ rules }) =>
      rules.filter(({ confidence }) => confidence === 'low').map(({ text }) => text),
    );
    expect(low).toEqual([
      'to payments/payments-db on TCP/5432',
      'from monitoring/otel-collector on TCP/9092',
      'to payments/ledger on TCP/9090',
      'from payments/fraud-scorer on TCP/9090, after mutual authentication',
      'from payments/checkout-api on TCP/5432',
    ]);
  });

  test('the order of the tuples does not matter', () => {
    const scope: SuggestScope = { namespace: 'payments', directions: ['ingress', 'egress'], l7: true };
    const set = suggestPolicies(input, scope, inForce);
    expect(suggestPolicies({ ...input, tuples: input.tuples.toReversed() }, scope, inForce)).toEqual(set);
  });
});
