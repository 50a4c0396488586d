import { expect, test } from 'vitest';
import { aNode, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { ipCapacity } from './21-ip-capacity.ts';

const eni = (more: object = {}) => ({ eni: { enabled: true, ...more } });
const node = (type: string, pods: string, name = 'a') =>
  aNode(name, { labels: { 'node.kubernetes.io/instance-type': type }, status: { allocatable: { pods } } });
const ciliumNode = (more: object = {}) => ({ apiVersion: 'cilium.io/v2', kind: 'CiliumNode', metadata: { name: 'a' }, ...more });
const of = (given: Given) => decided(ipCapacity, { known: ['Node', 'CiliumNode', 'Pod'], ...given });

test('passes where interfaces have addresses for the pods that are promised', () => {
  expect(of({ objects: [node('m5.large', '27'), ciliumNode()], values: eni() }).status).toBe('pass');
  expect(of({ objects: [node('m5.large', '110')], values: eni({ awsEnablePrefixDelegation: true }) }).status).toBe('pass');
});

test('fails by the two addresses that Cilium takes itself', () => {
  const outcome = of({ objects: [node('m5.large', '29')], values: eni() });
  expect(told(outcome, 'fail')).toEqual([
    'Node a: it promises 29 pods; m5.large has addresses for 27 with Cilium’s ENI mode without prefix delegation, which takes 2 itself',
  ]);
});

test('fails where the first interface is kept for the node', () => {
  const objects = [node('m5.large', '27'), ciliumNode({ spec: { eni: { 'first-interface-index': 1 } } })];
  expect(of({ objects, values: eni() }).status).toBe('fail');
});

test('fails where prefix delegation has gone off on a node', () => {
  const enis = {
    'eni-1': { prefixes: ['10.0.0.0/28'], addresses: ['10.0.0.1'] },
    'eni-2': { addresses: ['10.0.1.1', '10.0.1.2'] },
  };
  const objects = [node('m5.large', '110'), ciliumNode({ status: { eni: { enis } } })];
  const outcome = of({ objects, values: eni({ awsEnablePrefixDelegation: true }) });
  expect(told(outcome, 'fail').join()).toContain('1 interface of 2 has single addresses');
});

test('fails where the operator has no more addresses, and where a pool is nearly used up', () => {
  const pool = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`10.0.0.${i}`, {}]));
  const used = Object.fromEntries(
    Object.keys(pool)
      .slice(1)
      .map((ip) => [ip, { owner: 'x' }]),
  );
  const full = ciliumNode({ spec: { ipam: { pool } }, status: { ipam: { used, 'operator-status': { error: 'no subnets' } } } });
  const failed = told(of({ objects: [node('m5.large', '27'), full], values: eni() }), 'fail');
  expect(failed).toEqual([
    'CiliumNode a: the operator cannot give it addresses: no subnets',
    'CiliumNode a: 9 of 10 addresses of its pool are used',
  ]);
});

test('with a range of Cilium’s own the instance type does not bind, the range does', () => {
  const range = (cidr: string) => [node('m7g.xlarge', '110'), ciliumNode({ spec: { ipam: { podCIDRs: [cidr] } } })];
  const fits = of({ objects: range('10.0.1.0/24'), config: { ipam: 'cluster-pool' } });
  expect(fits.status).toBe('pass');
  expect(told(fits).join()).toContain('to be settled before phase 4 (1 node)');
  expect(of({ objects: range('10.0.1.0/26'), config: { ipam: 'cluster-pool' } }).status).toBe('fail');
});

test('while chained VPC CNI answers for the addresses', () => {
  expect(of({ objects: [node('m5.large', '29')], values: { cni: { chainingMode: 'aws-cni' } } }).status).toBe('pass');
});

test('is unknown without nodes or settings, and for a type that is not known', () => {
  expect(decided(ipCapacity, {})).toMatchObject({ status: 'unknown', missing: ['nodes', 'values', 'cilium-config'] });
  expect(decided(ipCapacity, { values: eni(), objects: [node('m5.large', '27')] })).toMatchObject({
    status: 'unknown',
    missing: ['cilium-nodes'],
  });
  expect(of({ objects: [node('x9.huge', '27')], values: eni() }).status).toBe('unknown');
  expect(of({ objects: [node(HOSTILE, HOSTILE)], values: eni() }).status).toBe('unknown');
});
