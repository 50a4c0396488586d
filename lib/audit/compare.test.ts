import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { compilePolicies, recompile } from '#lib/policy/compile.ts';
import type { PolicyObject, World } from '#lib/policy/model.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anEndpoint, anHttpFlow, arbFlow, ledger, world as outside } from '#lib/testing/flows.ts';
import { candidateSet, hashOfSet } from './candidate.ts';
import { changesOf, compareSets, type JudgedSet } from './compare.ts';
import type { JudgeInput } from './judge-input.ts';
import { replayFlows } from './replay-tuples.ts';

const pods = (name: string, count: number): World['endpoints'] =>
  Array.from({ length: count }, (_, index) => ({
    id: `payments/${name}-${index}`,
    namespace: 'payments',
    workload: name,
    labels: { app: name, tier: name === 'ledger' ? 'core' : 'api' },
    identityLabels: name === 'ledger' ? ledger.labels : anEndpoint().labels,
  }));

const world: World = {
  config: { clusterName: 'aegis-production', disablePolicyDefaultLocalCluster: true },
  namespaces: { payments: {} },
  endpoints: [...pods('ledger', 3), ...pods('checkout-api', 2)],
  nodes: [],
  ips: [],
  fqdnCache: {},
  cidrGroups: [],
  services: [],
  missing: ['names'],
};

/** A CiliumNetworkPolicy of the ledger. */
const policy = (spec: object, name = 'ledger', app = 'ledger'): PolicyObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace: 'payments' },
  spec: { endpointSelector: { matchLabels: { app } }, ...spec },
});
const fromCheckout = (toPorts?: object[]): object => ({
  fromEndpoints: [{ matchLabels: { app: 'checkout-api' } }],
  ...(toPorts && { toPorts }),
});
const http = (...rules: object[]): object[] => [{ ports: [{ port: '9090', protocol: 'TCP' }], rules: { http: rules } }];

const inputOf = (flows: readonly Flow[], policies: readonly PolicyObject[] = []): JudgeInput => ({
  world,
  policies,
  setHash: hashOfSet(policies),
  ...replayFlows(flows),
  from: 0,
  to: 1,
  incompleteMinutes: 0,
});
const set = (policies: readonly PolicyObject[]): JudgedSet => ({
  policies,
  hash: hashOfSet(policies),
  compiled: compilePolicies(world, policies),
});
const compare = (flows: readonly Flow[], before: readonly PolicyObject[], after: readonly PolicyObject[]) =>
  compareSets(inputOf(flows, before), set(before), set(after));

const toWorld = (ip: string, overrides: Partial<Flow> = {}): Flow =>
  aFlow({
    destination: outside,
    ip: { source: '10.0.4.33', destination: ip, sourceXlated: '', version: 4, encrypted: false },
    trafficDirection: 'EGRESS',
    ...overrides,
  });

describe('a tuple', () => {
  test('that no rule of the candidate allows is newly denied, by the direction that denies', () => {
    const report = compare([aFlow(), aFlow()], [], [policy({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] })]);
    expect(report).toMatchObject({
      total: { tuples: 1, flows: 2 },
      newlyDenied: { tuples: 1, flows: 2 },
      unchanged: { tuples: 0, flows: 0 },
      added: ['cnp:payments/ledger'],
      rows: [
        {
          kind: 'newly-denied',
          source: 'payments/checkout-api',
          destination: 'payments/ledger',
          observed: 'FORWARDED',
          before: { verdict: 'allowed', text: 'FORWARDED: no policy selects it' },
          after: { verdict: 'denied', text: 'no ingress rule' },
        },
      ],
      byWorkload: [
        { workload: 'payments/checkout-api', newlyDenied: 2 },
        { workload: 'payments/ledger', newlyDenied: 2 },
      ],
    });
  });

  test('that was denied and would pass is newly allowed', () => {
    const report = compare([aDroppedFlow()], [policy({ ingress: [{}] })], [policy({ ingress: [fromCheckout()] })]);
    expect(report).toMatchObject({
      newlyAllowed: { tuples: 1 },
      changed: ['cnp:payments/ledger'],
      rows: [{ kind: 'newly-allowed', observed: 'DROPPED (POLICY_DENIED)', after: { text: 'FORWARDED by ledger' } }],
    });
  });

  test('names the deny rule that decides', () => {
    const deny = policy({ ingressDeny: [fromCheckout()], ingress: [{ fromEntities: ['all'] }] }, 'no-checkout');
    expect(compare([aFlow()], [], [deny]).rows).toMatchObject([
      { after: { text: 'denied by no-checkout', rules: [{ policy: 'cnp:payments/no-checkout', path: 'spec.ingressDeny[0]' }] } },
    ]);
  });

  test('with a request is judged by HTTP rules, by the path as it was sent', () => {
    const requests = ['/v1/orders/1', '/v1/orders/2', '/v1/cards'].map((path) => anHttpFlow('GET', `http://ledger:9090${path}`));
    const before = [policy({ ingress: [fromCheckout(http({}))] })];
    const after = [policy({ ingress: [fromCheckout(http({ method: 'GET', path: '/v1/orders/[0-9]+' }))] })];
    expect(compare(requests, before, after)).toMatchObject({
      newlyDenied: { tuples: 1 },
      unchanged: { tuples: 1 },
      rows: [
        {
          l7: 'GET /v1/cards',
          before: { text: 'REDIRECTED by ledger http[0]' },
          after: { text: 'at L7: path matches no rule, nearest path /v1/orders/[0-9]+' },
        },
      ],
    });
  });

  test('whose paths get different answers is unknown, with an example of each', () => {
    const requests = ['/v1/orders/1', '/v1/orders/22'].map((path) => anHttpFlow('GET', `http://ledger:9090${path}`));
    const { unknown, rows } = compare(requests, [], [policy({ ingress: [fromCheckout(http({ path: '/v1/orders/[0-9]' }))] })]);
    expect(unknown).toEqual({ tuples: 1, flows: 2 });
    expect(rows[0]?.after.text).toContain('/v1/orders/1 is allowed, /v1/orders/22 is denied');
  });

  test('whose requests nobody recorded is unknown when the candidate lets HTTP rules decide', () => {
    const { unknown, unknownReasons } = compare([aFlow()], [], [policy({ ingress: [fromCheckout(http({ path: '/v1/.*' }))] })]);
    expect(unknown.tuples).toBe(1);
    expect(unknownReasons).toMatchObject([{ code: 'requests-not-seen', tuples: 1 }]);
  });

  test('is unchanged where every request would pass, recorded or not', () => {
    expect(compare([aFlow()], [], [policy({ ingress: [fromCheckout(http({}))] })]).unchanged.tuples).toBe(1);
    expect(
      compare([aFlow()], [], [policy({ ingress: [fromCheckout(http({ path: '/v1/.*' })), fromCheckout()] })]).unchanged.tuples,
    ).toBe(1);
  });

  test('of a connection whose requests are tuples of their own is judged at L4', () => {
    const rule = policy({ ingress: [fromCheckout(http({ path: '/v1/orders' }))] });
    expect(compare([aFlow(), anHttpFlow()], [], [rule])).toMatchObject({ unchanged: { tuples: 2 }, unknown: { tuples: 0 } });
  });

  test('to DNS is judged by the name that was asked for', () => {
    const rules = { rules: { dns: [{ matchPattern: '*.example.com' }] }, ports: [{ port: '53', protocol: 'UDP' }] };
    const resolver = policy(
      { egress: [{ toEndpoints: [{ matchLabels: { app: 'ledger' } }], toPorts: [rules] }] },
      'dns',
      'checkout-api',
    );
    const report = compare([aDnsFlow('api.example.com.'), aDnsFlow('evil.test.')], [], [resolver]);
    expect(report.rows.map(({ kind, l7, after }) => [kind, l7, after.text])).toEqual([
      ['newly-denied', 'DNS evil.test', 'at L7: name matches no rule, nearest *.example.com'],
    ]);
  });
});

describe('an address outside', () => {
  const only = (cidr: string): PolicyObject => policy({ egress: [{ toCIDR: [cidr] }] }, 'out', 'checkout-api');

  test('is judged by CIDR rules where it is known', () => {
    expect(compare([toWorld('198.51.100.20')], [], [only('198.51.100.0/24')]).unchanged.tuples).toBe(1);
    expect(compare([toWorld('198.51.100.20')], [], [only('203.0.113.0/24')]).newlyDenied.tuples).toBe(1);
  });

  test('that is one of several of a tuple makes it unknown where they differ', () => {
    const { unknownReasons } = compare([toWorld('198.51.100.20'), toWorld('198.51.100.200')], [], [only('198.51.100.0/25')]);
    expect(unknownReasons).toMatchObject([{ code: 'forms-differ', tuples: 1 }]);
  });

  test('with more companions than are kept is unknown where the rest could matter, and judged where it could not', () => {
    const flows = Array.from({ length: 40 }, (_, index) => toWorld(`198.51.100.${index}`));
    expect(compare(flows, [], [only('198.51.100.0/24')]).unknown.tuples).toBe(1);
    expect(compare(flows, [], [policy({ egress: [{ toEntities: ['world'] }] }, 'out', 'checkout-api')]).unchanged.tuples).toBe(1);
  });

  test('is judged by names where one was learned, and unknown where none was', () => {
    const names = policy({ egress: [{ toFQDNs: [{ matchName: 'api.example.com' }] }] }, 'out', 'checkout-api');
    const named = toWorld('198.51.100.20', { destinationNames: ['api.example.com'] });
    const other = toWorld('198.51.100.20', { destinationNames: ['www.example.com'] });
    expect(compare([named], [], [names]).unchanged.tuples).toBe(1);
    expect(compare([other], [], [names]).newlyDenied.tuples).toBe(1);
    expect(compare([toWorld('198.51.100.20')], [], [names]).unknown.tuples).toBe(1);
  });
});

describe('what cannot be put to a policy is unknown, for its reason', () => {
  const bare = { protocol: 'TCP', sourcePort: 40_000, destinationPort: 9090 } as const;
  test.each([
    ['direction-unknown', aFlow({ isReply: undefined, l4: bare })],
    ['labels-unknown', aFlow({ source: anEndpoint({ labels: [] }) })],
    ['identity-unknown', toWorld('198.51.100.20', { destination: { ...outside, identity: 0, labels: [] }, ip: undefined })],
    ['icmp-type-unknown', aFlow({ l4: { protocol: 'ICMPv4', sourcePort: 0, destinationPort: 0 } })],
    ['protocol-not-judged', aFlow({ l4: { protocol: 'VRRP', sourcePort: 0, destinationPort: 0 } })],
  ])('%s', (code, flow) => {
    expect(compare([flow], [], []).unknownReasons).toMatchObject([{ code }]);
  });

  test('folded, beyond as many ports of a pair as are told apart', () => {
    const scan = Array.from({ length: 40 }, (_, port) =>
      aFlow({ l4: { ...bare, destinationPort: 1000 + port, flags: ['SYN'] } }),
    );
    expect(compare(scan, [], [])).toMatchObject({
      unchanged: { tuples: 32 },
      unknownReasons: [{ code: 'folded', tuples: 1, flows: 8 }],
    });
  });

  test('a contradiction in the candidate', () => {
    const contradiction = [
      policy({ ingress: [fromCheckout(http({ path: '/a' }))] }),
      policy(
        { ingress: [fromCheckout([{ ports: [{ port: '9090', protocol: 'TCP' }], rules: { kafka: [{ topic: 'a' }] } }])] },
        'other',
      ),
    ];
    expect(compare([aFlow()], [], contradiction).unknownReasons).toMatchObject([{ code: 'contradiction' }]);
  });
});

test('events at the socket, before service translation, are no traffic that policy sees', () => {
  expect(compare([aFlow({ verdict: 'TRANSLATED', type: 'SOCK' })], [], []).total.tuples).toBe(0);
});

test('endpoints that were open by default and are closed are listed by workload and direction', () => {
  const { isolated } = compare([], [], [policy({ egress: [{ toEntities: ['world'] }] })]);
  expect(isolated).toEqual([
    { workload: 'payments/ledger', direction: 'egress', endpoints: ['ledger-0', 'ledger-1', 'ledger-2'], of: 3 },
  ]);
});

describe('laws', () => {
  const arbPolicy = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c'),
      app: fc.constantFrom('ledger', 'checkout-api'),
      ingress: fc.option(
        fc.constantFrom([fromCheckout()], [{}], [fromCheckout(http({ path: '/v1/.*' }))], [{ fromEntities: ['world'] }]),
      ),
      egress: fc.option(
        fc.constantFrom([{ toCIDR: ['10.0.0.0/8'] }], [{ toFQDNs: [{ matchPattern: '*' }] }], [{ toEntities: ['all'] }]),
      ),
    })
    .map(({ name, app, ingress, egress }) =>
      policy(
        { ...(ingress && { ingress }), ...(egress && { egress }), ...(!ingress && !egress && { ingress: [{}] }) },
        name,
        app,
      ),
    );
  const arbSet = fc.uniqueArray(arbPolicy, { selector: ({ metadata }) => metadata.name, maxLength: 3 });
  const arbFlows = fc.array(arbFlow, { maxLength: 25 });

  test('a set changes nothing against itself', () => {
    fc.assert(
      fc.property(arbFlows, arbSet, (flows, policies) => {
        const { newlyDenied, newlyAllowed, rows, isolated, added, removed, changed } = compare(
          flows,
          policies,
          structuredClone(policies),
        );
        expect([newlyDenied.tuples, newlyAllowed.tuples, isolated, added, removed, changed]).toEqual([0, 0, [], [], [], []]);
        expect(rows.every(({ kind }) => kind === 'unknown')).toBe(true);
      }),
    );
  });

  test('the kinds add up to all tuples and flows', () => {
    fc.assert(
      fc.property(arbFlows, arbSet, arbSet, (flows, before, after) => {
        const report = compare(flows, before, after);
        for (const part of ['tuples', 'flows'] as const) {
          const { newlyDenied, newlyAllowed, unknown, unchanged } = report;
          expect(newlyDenied[part] + newlyAllowed[part] + unknown[part] + unchanged[part]).toBe(report.total[part]);
        }
        expect(report.unknownReasons.reduce((sum, { tuples }) => sum + tuples, 0)).toBe(report.unknown.tuples);
      }),
    );
  });

  test('the way back turns newly denied into newly allowed, but for connections whose requests nobody saw', () => {
    fc.assert(
      fc.property(arbFlows, arbSet, arbSet, (flows, before, after) => {
        const input = inputOf(flows);
        const [base, candidate] = [compilePolicies(world, before), compilePolicies(world, after)];
        const back = changesOf(input, candidate, base);
        const there = changesOf(input, base, candidate);
        const kindsBack = back.filter((_, index) => there[index]?.kind === 'newly-allowed').map(({ kind }) => kind);
        expect(kindsBack.filter((kind) => kind !== 'newly-denied')).toEqual([]);
      }),
    );
  });

  test('a candidate made by recompiling says the same as one compiled whole', () => {
    fc.assert(
      fc.property(arbFlows, arbSet, arbSet, fc.boolean(), (flows, before, given, merge) => {
        const candidate = candidateSet(before, given, merge ? 'merge' : 'replace');
        const base = compilePolicies(world, before);
        const kinds = (compiled: typeof base) => changesOf(inputOf(flows), base, compiled).map(({ kind }) => kind);
        expect(kinds(recompile(base, { put: candidate.put, remove: candidate.remove }))).toEqual(
          kinds(compilePolicies(world, candidate.policies)),
        );
      }),
    );
  });
});
