import { expect, test } from 'vitest';
import { recordOf } from '#lib/flow/json-record.ts';
import { aPod, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { aKubePod, aNode, decided, type Given, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { dnsProxyRestart } from './15-dns-proxy-restart.ts';

const dnsPolicy = aPolicy({
  egress: [
    { toEntities: ['cluster'], toPorts: [{ ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } }] },
  ],
});
const nodes = ['a', 'b', 'c', 'd'].map((name) => aNode(name));
const flows = trafficOf(someTraffic({ port: 53, protocol: 'UDP', l7: 'dns' }));
const rolling = (maxUnavailable: number | string) => ({ updateStrategy: { rollingUpdate: { maxUnavailable } } });
const of = (given: Given) =>
  decided(dnsProxyRestart, { world: aWorld(), policies: [dnsPolicy], objects: nodes, flows, values: rolling(1), ...given });

test('passes where one agent restarts at a time and queries were seen', () => {
  const outcome = of({ objects: [...nodes, aKubePod('db')] });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toContain('policies: 1 pod asks through the agent of its node');
});

test('passes where nothing goes through the DNS proxy', () => {
  expect(of({ policies: [aPolicy({ egress: [{ toEntities: ['cluster'] }] })] }).status).toBe('pass');
});

test.each([[2], [4], ['50%'], ['100%']])('fails where %s of 4 agents may restart at once', (maxUnavailable) => {
  expect(of({ values: rolling(maxUnavailable) })).toMatchObject({ status: 'fail' });
});

test('the chart’s default of two is too much for four nodes, and fine for twenty', () => {
  expect(of({ values: {} }).status).toBe('fail');
  const many = Array.from({ length: 20 }, (_, i) => aNode(`node-${i}`));
  expect(of({ values: {}, objects: many }).status).toBe('pass');
});

test('a quarter of the agents may restart at once, and with OnDelete none does by itself', () => {
  const eight = Array.from({ length: 8 }, (_, i) => aNode(`node-${i}`));
  expect(of({ values: rolling(2), objects: eight }).status).toBe('pass');
  expect(of({ values: rolling(3), objects: eight }).status).toBe('fail');
  expect(of({ values: { updateStrategy: { type: 'OnDelete' } } }).status).toBe('pass');
});

test('rules for requests, and rules that deny, send no query through an agent', () => {
  const http = { toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }] };
  expect(of({ policies: [aPolicy({ egress: [http], ingress: [http] })], values: rolling(4) }).status).toBe('pass');
});

test('counts each pod once, whichever rule its queries are read by', () => {
  const web = {
    ...dnsPolicy,
    metadata: { name: 'web', namespace: 'shop' },
    spec: { ...recordOf(dnsPolicy.spec), endpointSelector: { matchLabels: { app: 'web' } } },
  };
  const pods = [aKubePod('db'), aKubePod('web')];
  const world = aWorld({
    endpoints: [aPod('shop/db', 'shop', { labels: { app: 'db' } }), aPod('shop/web', 'shop', { labels: { app: 'web' } })],
  });
  expect(told(of({ objects: [...nodes, ...pods], world, policies: [dnsPolicy, web] }))).toContain(
    'policies: 2 pods ask through the agent of their node, 2 of them on a',
  );
});

test('tells how many queries failed before', () => {
  const query = (verdict: 'FORWARDED' | 'DROPPED' | 'ERROR', count: number, more: object = {}) =>
    someTraffic({ port: 53, protocol: 'UDP', l7: 'dns', verdict, flows: count, ...more });
  const seen = trafficOf(
    query('FORWARDED', 90),
    query('DROPPED', 6),
    query('ERROR', 1),
    query('FORWARDED', 3, { port: 8053 }),
    someTraffic(),
  );
  expect(told(of({ flows: seen }))).toContain('flows: 7 of 100 DNS flows were refused or failed before');
});

test('is unknown without values, nodes, traffic, and where no query was seen', () => {
  expect(decided(dnsProxyRestart, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(decided(dnsProxyRestart, { world: aWorld(), policies: [dnsPolicy] })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'nodes', 'flows'],
  });
  expect(of({ flows: trafficOf(someTraffic()) }).status).toBe('unknown');
  expect(of({ values: rolling(HOSTILE) }).status).toBe('unknown');
});
