import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReplayPeer } from '#lib/audit/judge-input.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { address, entity, named, TrafficBuilder } from '#lib/testing/judge-input.ts';
import { roundTripFaults } from '#lib/testing/round-trip.ts';
import { suggestPolicies } from './suggest.ts';

/** Pods whose labels overlap on purpose: selectors have to tell them apart. */
const PODS: readonly (readonly [string, readonly string[]])[] = [
  ['shop/cart', ['app=cart']],
  ['shop/web', ['app=web', 'track=stable']],
  ['shop/web', ['app=web', 'track=canary']],
  ['shop/api', ['app=web', 'tier=api']],
  ['shop/bare', ['pod-template-hash=1', 'io.cilium.k8s.policy.serviceaccount=bare']],
  ['ops/web', ['app=web']],
  ['kube-system/coredns', ['k8s-app=kube-dns']],
];
const OUTSIDE: readonly ReplayPeer[] = [
  entity('host'),
  entity('remote-node'),
  entity('kube-apiserver'),
  entity('health'),
  address('198.51.100.7'),
  address('198.51.100.8'),
  address('169.254.169.254'),
  named('api.example.com', '203.0.113.7'),
  named('img.example.com', '203.0.113.8'),
];
const SHAPES = [
  null,
  null,
  null,
  { kind: 'http', method: 'GET', host: 'h', path: '/items/{number}' },
  { kind: 'http', method: 'POST', host: 'h', path: '/items' },
  { kind: 'http', method: 'GET', host: 'h', path: '/admin' },
] as const;

const tuples = fc.uniqueArray(
  fc.record({
    source: fc.nat(PODS.length + OUTSIDE.length - 1),
    destination: fc.nat(PODS.length + OUTSIDE.length - 1),
    port: fc.constantFrom(80, 443, 8080),
    shape: fc.nat(SHAPES.length - 1),
    flows: fc.constantFrom(1, 50, 5000),
    denied: fc.boolean(),
  }),
  {
    selector: ({ source, destination, port, shape }) => `${source} ${destination} ${port} ${JSON.stringify(SHAPES[shape])}`,
    maxLength: 60,
  },
);
const questions = fc.uniqueArray(
  fc.record({
    source: fc.nat(5),
    name: fc.constantFrom('a.example.com', 'b.example.com', 'api.example.com'),
    protocol: fc.constantFrom('UDP', 'TCP'),
    denied: fc.boolean(),
  }),
  { selector: ({ source, name, protocol }) => `${source} ${name} ${protocol}`, maxLength: 12 },
);

function inputOf([rows, asked]: [
  typeof tuples extends fc.Arbitrary<infer T> ? T : never,
  typeof questions extends fc.Arbitrary<infer T> ? T : never,
]) {
  const traffic = new TrafficBuilder();
  const peers = [...PODS.map(([name, labels]) => traffic.pod(name, labels)), ...OUTSIDE];
  const peer = (index: number) => peers[index] ?? entity('host');
  for (const { source, destination, port, shape, flows, denied } of rows) {
    const l7 = SHAPES[shape] ?? null;
    const paths = l7?.path.includes('{') ? ['/items/1', '/items/22'] : [];
    // A request is refused by the proxy on a connection that passes; the connection itself is another tuple.
    const refused = denied ? { verdict: 'DROPPED', dropReason: l7 ? '' : 'POLICY_DENIED' } : {};
    traffic.tuple(peer(source), peer(destination), { port, l7, paths, flows, ...refused });
  }
  const dns = peer(PODS.length - 1);
  for (const { source, name, protocol, denied } of asked)
    traffic.tuple(peer(source), dns, {
      protocol,
      port: 53,
      l7: { kind: 'dns', name },
      ...(denied && { verdict: 'DROPPED', dropReason: '' }),
    });
  return traffic.input();
}

const scopes = fc.record({
  namespace: fc.constantFrom('shop', 'kube-system'),
  directions: fc.constantFrom(['ingress', 'egress'] as const, ['egress'] as const, ['ingress'] as const),
  l7: fc.boolean(),
});

test('a suggested set allows what it was made from and nothing that was refused', () => {
  fc.assert(
    fc.property(fc.tuple(tuples, questions), scopes, (traffic, scope) => {
      expect(roundTripFaults(inputOf(traffic), scope)).toEqual([]);
    }),
    {
      numRuns: 500,
      examples: [
        // The same request, refused to one pod of a workload and let through for another.
        [
          [
            [
              { source: 2, destination: 1, port: 80, shape: 5, flows: 1, denied: true },
              { source: 1, destination: 1, port: 80, shape: 5, flows: 1, denied: false },
            ],
            [],
          ],
          { namespace: 'shop', directions: ['ingress', 'egress'], l7: false },
        ],
      ],
    },
  );
});

test('the order of the traffic does not matter', () => {
  fc.assert(
    fc.property(fc.tuple(tuples, questions), scopes, (traffic, scope) => {
      const input = inputOf(traffic);
      const inForce = compilePolicies(input.world, []);
      const set = suggestPolicies(input, scope, inForce);
      expect(suggestPolicies({ ...input, tuples: input.tuples.toReversed() }, scope, inForce)).toEqual(set);
    }),
    { numRuns: 60 },
  );
});
