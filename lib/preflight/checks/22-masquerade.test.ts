import { expect, test } from 'vitest';
import { aNode, decided, type Given, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { masquerade } from './22-masquerade.ts';

const al2023 = aNode('a', { status: { nodeInfo: { osImage: 'Amazon Linux 2023.9.20251110' } } });
const al2 = aNode('a', { status: { nodeInfo: { osImage: 'Amazon Linux 2' } } });
const vpc = (...ranges: string[]) =>
  ranges.map((cidr, i) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: `n${i}` },
    status: { eni: { enis: { [`eni-${i}`]: { vpc: { id: 'vpc-1', 'primary-cidr': cidr } } } } },
  }));
const eni = (more: object = {}) => ({ eni: { enabled: true }, ...more });
const of = (given: Given) => decided(masquerade, { known: ['Node'], objects: [al2023], ...given });

test('passes where nothing is translated, where only the tunnel’s traffic is, and where the range is the VPC', () => {
  expect(of({ values: { cni: { chainingMode: 'aws-cni' }, enableIPv4Masquerade: false } }).status).toBe('pass');
  expect(of({ config: { 'routing-mode': 'tunnel' } }).status).toBe('pass');
  const values = eni({ enableIPv4Masquerade: true, ipv4NativeRoutingCIDR: '10.20.0.0/16' });
  expect(of({ objects: [al2023, ...vpc('10.20.0.0/16')], values }).status).toBe('pass');
});

test.each([['eth0'], ['eth+'], ['eth0 eth1']])(
  'fails where %s is named on images that call it ens5',
  (egressMasqueradeInterfaces) => {
    const values = { egressMasqueradeInterfaces };
    expect(told(of({ values }), 'fail').join()).toContain('are called ens5');
    expect(of({ values, objects: [al2] }).status).toBe('pass');
    expect(of({ values: { egressMasqueradeInterfaces: 'ens+' } }).status).toBe('pass');
  },
);

test('fails where the VPC has several ranges and none, or only one, is left out of translation', () => {
  const objects = [al2023, ...vpc('10.20.0.0/16', '100.64.0.0/16')];
  const values = eni({ enableIPv4Masquerade: true });
  expect(told(of({ objects, values }), 'fail').join()).toContain('the VPC has 2 ranges (10.20.0.0/16, 100.64.0.0/16)');
  const one = { ...values, ipv4NativeRoutingCIDR: '10.20.0.0/16' };
  expect(told(of({ objects, values: one }), 'fail').join()).toContain('the VPC also has 100.64.0.0/16');
  expect(of({ objects, values: { ...one, ipMasqAgent: { enabled: true } } }).status).toBe('pass');
});

test('fails where native routing with a pool of its own names no range', () => {
  expect(of({ values: { routingMode: 'native', enableIPv4Masquerade: true } }).status).toBe('fail');
});

test('fails across the change of default in 1.18, unless it is set', () => {
  const step = { version: '1.17.4', target: '1.18.2' };
  expect(told(of({ ...step, values: eni() }), 'fail').join()).toContain('no longer masquerades');
  expect(of({ ...step, values: eni({ enableIPv4Masquerade: true }) }).status).toBe('pass');
  expect(of({ version: '1.18.2', target: '1.19.5', values: eni() }).status).toBe('pass');
});

test('fails where traffic shows that pods arrive as their node', () => {
  const values = eni({ enableIPv4Masquerade: true, ipv4NativeRoutingCIDR: '10.20.0.0/16' });
  const leaves = someTraffic({ direction: 'EGRESS' });
  const asNode = someTraffic({ direction: 'INGRESS', source: outside('entity:remote-node') });
  const asItself = someTraffic({ direction: 'INGRESS' });
  expect(told(of({ values, flows: trafficOf(leaves, asNode) }), 'fail')).toEqual([
    'shop/web → shop/cart TCP/8080: it arrives with the identity of a node: its source was translated on the way, and policies do not see the pod',
  ]);
  expect(of({ values, flows: trafficOf(leaves, asNode, asItself) }).status).toBe('pass');
  expect(of({ values, flows: trafficOf(leaves) }).status).toBe('pass');
  expect(of({ values, flows: trafficOf(leaves, { ...asNode, port: 9090 }) }).status).toBe('pass');
});

test('is unknown without settings or nodes', () => {
  expect(of({})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(decided(masquerade, { values: {} })).toMatchObject({ status: 'unknown', missing: ['nodes'] });
});

test('an interface that is nothing, or no object, is none', () => {
  const odd = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: 'n' },
    status: { eni: { enis: { a: null, b: 'x', c: [] } } },
  };
  const values = eni({ enableIPv4Masquerade: true, ipv4NativeRoutingCIDR: '10.20.0.0/16' });
  expect(of({ objects: [al2023, odd, ...vpc('10.20.0.0/16')], values }).status).toBe('pass');
});
