import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { aKubePod, aNode, decided, type Given, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { cidrNeverMatches } from './12-cidr-never-matches.ts';

const pod = aKubePod('web', { status: { phase: 'Running', podIP: '10.0.1.5' } });
const node = aNode('a', { spec: { podCIDRs: ['10.9.0.0/24'] } });
const to = (...toCIDR: readonly string[]) => aPolicy({ egress: [{ toCIDR }] });
const of = (policy: object, given: Given = {}) =>
  decided(cidrNeverMatches, { ...given, objects: [pod, node, policy, ...(given.objects ?? [])] });

test('passes where policies name no addresses, or addresses of others only', () => {
  expect(of(aPolicy({ egress: [{ toEndpoints: [{}] }] }))).toMatchObject({ status: 'pass', missing: [] });
  expect(of(to('203.0.113.0/24')).status).toBe('pass');
});

test('fails where a rule names pods or nodes by address', () => {
  expect(told(of(to('10.0.1.0/24')), 'fail')).toEqual([
    'CiliumNetworkPolicy shop/p: 1 pod in 10.0.1.0/24: this rule does not select them (spec.egress[0])',
  ]);
  expect(told(of(to('10.0.0.0/24')), 'fail')[0]).toContain('1 node in 10.0.0.0/24');
  const knp = {
    ...to(),
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.1.0/24' } }] }] },
  };
  expect(told(of(knp), 'fail')[0]).toContain('NetworkPolicy shop/p: 1 pod in 10.0.1.0/24');
});

test('takes nodes for selected with policyCIDRMatchMode: nodes', () => {
  expect(of(to('10.0.0.0/24'), { config: { 'policy-cidr-match-mode': 'nodes' } }).status).toBe('pass');
});

test('fails where a rule lies in a range of pods, though none is there now', () => {
  expect(told(of(to('10.9.0.64/28')), 'fail')).toEqual([
    'CiliumNetworkPolicy shop/p: 10.9.0.64/28 lies in 10.9.0.0/24, which pods get their addresses from: it selects none of them (spec.egress[0])',
  ]);
  const ciliumNode = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: 'a' },
    spec: { ipam: { podCIDRs: ['10.77.0.0/16', HOSTILE] } },
  };
  expect(told(of(to('10.77.3.4/32'), { objects: [ciliumNode] }), 'fail')[0]).toContain('lies in 10.77.0.0/16');
  expect(of(to('10.5.0.0/24'), { values: { ipam: { operator: { clusterPoolIPv4PodCIDRList: ['10.5.0.0/16'] } } } }).status).toBe(
    'fail',
  );
});

test('suggests the entity for the API server’s addresses', () => {
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', namespace: 'default' },
    subsets: [{ addresses: [{ ip: '172.16.5.9' }] }],
  };
  const outcome = of(to('172.16.5.9/32'), { objects: [endpoints] });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toEqual([
    'CiliumNetworkPolicy shop/p: 172.16.5.9/32 has the API server in it, whose addresses change: the entity kube-apiserver stays right (spec.egress[0])',
  ]);
});

test('adds what traffic confirms', () => {
  const flows = trafficOf(someTraffic({ destination: outside('entity:remote-node', { addresses: ['10.0.0.1'] }) }));
  expect(told(of(to('10.0.0.0/24'), { flows }), 'fail')[0]).toContain('; 10 flows went there as to a node');
});

test('is unknown without policies and, where addresses are named, without nodes or pods', () => {
  expect(decided(cidrNeverMatches, {})).toEqual({ status: 'unknown', findings: [], missing: ['policies'] });
  expect(decided(cidrNeverMatches, { objects: [to('10.0.0.0/8')] })).toMatchObject({
    status: 'unknown',
    missing: ['nodes', 'pods'],
  });
});
