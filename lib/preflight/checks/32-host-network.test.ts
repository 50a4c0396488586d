import { expect, test } from 'vitest';
import { aPod, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { aKubePod, anEnd, decided, type Given, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { hostNetwork } from './32-host-network.ts';

const onHost = (name: string, namespace: string, nodeName = 'a') =>
  aKubePod(name, { namespace, spec: { hostNetwork: true, nodeName } });
const world = aWorld({ endpoints: [aPod('shop/db', 'shop', { labels: { app: 'db' } })] });
const closed = aPolicy({ ingress: [{ fromEndpoints: [{}] }] });
const db = aKubePod('db');
const of = (given: Given) => decided(hostNetwork, { known: ['Pod'], world, policies: [closed], ...given });

test('passes where only parts of the cluster are on the host’s network', () => {
  expect(
    of({ objects: [db, onHost('kube-proxy-x7k2p', 'kube-system'), onHost('cilium-operator-6d4cf7bc9-x7k2p', 'kube-system')] })
      .status,
  ).toBe('pass');
});

test('passes where others are, on nodes without an isolated pod', () => {
  expect(of({ objects: [db, onHost('exporter', 'monitoring', 'b')] }).status).toBe('pass');
  expect(of({ objects: [db, onHost('exporter', 'monitoring')], policies: [] }).status).toBe('pass');
});

test('fails where one is beside an isolated pod, also one that borrows a name', () => {
  expect(told(of({ objects: [db, onHost('exporter', 'monitoring')] }), 'fail')).toEqual([
    'Pod monitoring/exporter: it is on the host’s network beside 1 isolated pod: it reaches them past their policies',
  ]);
  expect(of({ objects: [db, onHost('kube-proxy-x7k2p', 'shop')] }).status).toBe('fail');
  expect(of({ objects: [db, onHost(HOSTILE, HOSTILE)] }).status).toBe('fail');
});

test('tells what was seen of it', () => {
  const flows = trafficOf(someTraffic({ source: outside('entity:host'), destination: anEnd('shop', 'db') }));
  expect(told(of({ objects: [db, onHost('exporter', 'monitoring')], flows })).join()).toContain(
    '10 flows from nodes to their pods',
  );
});

test('is unknown without pods, and without policies where it matters', () => {
  expect(decided(hostNetwork, {})).toMatchObject({ status: 'unknown', missing: ['pods'] });
  expect(decided(hostNetwork, { objects: [onHost('exporter', 'monitoring')] })).toMatchObject({
    status: 'unknown',
    missing: ['policies'],
  });
});
