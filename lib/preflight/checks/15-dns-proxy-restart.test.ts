import { expect, test } from 'vitest';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
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
  expect(told(outcome)).toContain('policies: 1 pod ask through the agent of their node');
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

test('is unknown without values, nodes, traffic, and where no query was seen', () => {
  expect(decided(dnsProxyRestart, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(decided(dnsProxyRestart, { world: aWorld(), policies: [dnsPolicy] })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'nodes', 'flows'],
  });
  expect(of({ flows: trafficOf(someTraffic()) }).status).toBe('unknown');
  expect(of({ values: rolling(HOSTILE) }).status).toBe('unknown');
});
