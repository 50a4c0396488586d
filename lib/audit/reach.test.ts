import { describe, expect, test } from 'vitest';
import { compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { address, EMPTY_WORLD, recordedInput, recordedInputMissing, TrafficBuilder } from '#lib/testing/judge-input.ts';
import { reachOf, type ReachOptions } from './reach.ts';
import { replay } from './replay.ts';

const cnp = (namespace: string, spec: unknown, name = 'p'): PolicyObject => ({
  kind: 'CiliumNetworkPolicy',
  metadata: { name, namespace },
  spec,
});
const ports = (port: string, rules?: unknown) => [{ ports: [{ port, protocol: 'TCP' }], ...(rules !== undefined && { rules }) }];

function reach(policies: PolicyObject[], traffic: TrafficBuilder, options: ReachOptions = { level: 'workload' }) {
  const { names, cells } = reachOf(compilePolicies(EMPTY_WORLD, policies), replay(traffic.input()), options);
  return {
    names,
    cell: (source: string, destination: string) =>
      cells.find((one) => names[one.source] === source && names[one.destination] === destination),
  };
}

function shop(): TrafficBuilder {
  const traffic = new TrafficBuilder();
  const [web, cart, db, admin] = [
    traffic.pod('shop/web'),
    traffic.pod('shop/cart'),
    traffic.pod('shop/db'),
    traffic.pod('ops/admin'),
  ];
  return traffic
    .tuple(web, cart, { flows: 10 })
    .tuple(cart, db, { flows: 20, verdict: 'DROPPED' })
    .tuple(admin, cart, { flows: 5 })
    .tuple(address('198.51.100.7'), web, { flows: 3 });
}

const CLOSED = cnp('shop', {
  endpointSelector: { matchLabels: { app: 'cart' } },
  ingress: [
    { fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: ports('8080', { http: [{ method: 'GET' }] }) },
    {
      fromEndpoints: [{ matchLabels: { app: 'admin', 'k8s:io.kubernetes.pod.namespace': 'ops' } }],
      toPorts: [{ ports: [{ port: '9000', endPort: 9010, protocol: 'TCP' }] }],
    },
  ],
});
const DB = cnp(
  'shop',
  { endpointSelector: { matchLabels: { app: 'db' } }, ingress: [{ fromCIDR: ['198.51.100.0/24'], toPorts: ports('5432') }] },
  'db',
);

test('open, conditional and closed cells, with what was used and tried of them', () => {
  const { names, cell } = reach([CLOSED, DB], shop());
  expect(names).toEqual([
    'ops/admin',
    'shop/cart',
    'shop/db',
    'shop/web',
    'host',
    'remote-node',
    'kube-apiserver',
    'health',
    'ingress',
    'world',
  ]);
  expect(cell('shop/web', 'shop/cart')).toMatchObject({
    policy: 'conditional',
    ports: ['TCP/8080 (http)'],
    conditions: ['http'],
    used: 10,
    tried: 0,
  });
  expect(cell('ops/admin', 'shop/cart')).toMatchObject({ policy: 'allowed', ports: ['TCP/9000-9010'], conditions: [], used: 5 });
  expect(cell('shop/cart', 'shop/db')).toMatchObject({ policy: 'denied', ports: [], used: 0, tried: 20 });
  expect(cell('shop/db', 'shop/cart')).toBeUndefined();
  expect(cell('world', 'shop/web')).toMatchObject({ policy: 'allowed', ports: ['every port'], used: 3 });
  expect(cell('host', 'shop/cart')).toMatchObject({ policy: 'allowed', ports: ['every port'] });
});

test('an outside that is allowed by address only is conditional', () => {
  expect(reach([DB], shop()).cell('world', 'shop/db')).toMatchObject({
    policy: 'conditional',
    ports: ['TCP/5432'],
    conditions: ['address'],
  });
});

test('a plain rule beside an HTTP rule makes the port open, authentication makes it conditional', () => {
  const plain = cnp(
    'shop',
    {
      endpointSelector: { matchLabels: { app: 'cart' } },
      ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }], toPorts: ports('8080') }],
    },
    'plain',
  );
  expect(reach([CLOSED, plain], shop()).cell('shop/web', 'shop/cart')).toMatchObject({ policy: 'allowed', ports: ['TCP/8080'] });
  const auth = cnp('shop', { endpointSelector: {}, ingress: [{ fromEndpoints: [{}], authentication: { mode: 'required' } }] });
  expect(reach([auth], shop()).cell('shop/web', 'shop/db')).toMatchObject({
    policy: 'conditional',
    ports: ['every port (auth)'],
    conditions: ['auth'],
  });
});

test('contradicting policies leave their subject unknown', () => {
  const both = (mode: string) => ({ fromEndpoints: [{}], toPorts: ports('80'), authentication: { mode } });
  const clash = cnp('shop', {
    endpointSelector: { matchLabels: { app: 'db' } },
    ingress: [both('required'), both('test-always-fail')],
  });
  expect(reach([clash], shop()).cell('shop/web', 'shop/db')?.policy).toBe('unknown');
});

test('namespaces show the widest of their workloads; a namespace alone keeps its peers', () => {
  const whole = reach([CLOSED, DB], shop(), { level: 'namespace' });
  expect(whole.names.slice(0, 2)).toEqual(['ops', 'shop']);
  expect(whole.cell('shop', 'shop')).toMatchObject({
    policy: 'allowed',
    ports: ['every port'],
    used: 10,
    tried: 20,
  });
  const ops = reach([CLOSED, DB], shop(), { level: 'workload', namespace: 'ops' });
  expect(ops.names).toContain('shop/cart');
  expect(ops.cell('ops/admin', 'shop/cart')?.used).toBe(5);
  expect(ops.cell('shop/web', 'shop/cart')).toBeUndefined();
});

describe.skipIf(recordedInputMissing())('the recorded world', () => {
  const input = recordedInput();
  const compiled = compilePolicies(input.world, input.policies);
  const traffic = replay(input);
  const { names, cells } = reachOf(compiled, traffic, { level: 'workload' });

  test('a connection that the policies allow is never in a denied cell, and one in a denied cell is denied', () => {
    const faults = traffic.flatMap((replayed) => {
      if ('unknown' in replayed) return [];
      const { source, destination } = replayed.tuple;
      const cell = cells.find((one) => names[one.source] === source.name && names[one.destination] === destination.name);
      if (source.namespace === '' || destination.namespace === '') return [];
      const allowed = replayed.questions.some(
        (question) => decide(compiled, { ...question, l7: undefined } as never).verdict === 'allowed',
      );
      return allowed && (cell === undefined || cell.policy === 'denied') ? [`${source.name} > ${destination.name}`] : [];
    });
    expect(faults).toEqual([]);
  });

  test('what was tried and denied is there to be seen', () => {
    const scan = cells.find((one) => names[one.source] === 'gateway/debug-shell' && names[one.destination] === 'payments/ledger');
    expect(scan).toMatchObject({ policy: 'denied' });
    expect(scan?.tried).toBeGreaterThan(200);
  });
});

test('two hundred workloads are worked out in well under a second', () => {
  const traffic = new TrafficBuilder();
  const pods = Array.from({ length: 200 }, (_, index) => traffic.pod(`ns${index % 20}/w${index}`));
  pods.forEach((pod, index) => traffic.tuple(pod, pods[(index + 1) % 200] ?? pod));
  const policies = Array.from({ length: 300 }, (_, index) =>
    cnp(
      `ns${index % 20}`,
      {
        endpointSelector: { matchLabels: { app: `w${index % 200}` } },
        ingress: [
          {
            fromEndpoints: [
              { matchLabels: { app: `w${(index * 7) % 200}`, 'k8s:io.kubernetes.pod.namespace': `ns${(index * 7) % 20}` } },
            ],
            toPorts: ports(String(8000 + (index % 50))),
          },
        ],
      },
      `p${index}`,
    ),
  );
  const compiled = compilePolicies(EMPTY_WORLD, policies);
  const replayed = replay(traffic.input());
  const start = process.cpuUsage();
  const { names } = reachOf(compiled, replayed, { level: 'workload' });
  expect(names).toHaveLength(206);
  // Time of the processor, because a machine that runs other tests as well says little by the clock.
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
});
