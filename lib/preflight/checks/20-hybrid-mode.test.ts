import { expect, test } from 'vitest';
import { aNode, decided, type Given, told } from '#lib/testing/preflight.ts';
import { hybridMode } from './20-hybrid-mode.ts';

const nodeConfig = (version = 'v2') => ({
  apiVersion: `cilium.io/${version}`,
  kind: 'CiliumNodeConfig',
  metadata: { name: 'move', namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { moved: 'yes' } }, defaults: { 'write-cni-conf-when-ready': '/host/x' } },
});
const HYBRID = {
  policyEnforcementMode: 'never',
  operator: { unmanagedPodWatcher: { restart: false } },
  bpf: { hostLegacyRouting: true },
  cni: { customConf: true },
};
const of = (given: Given) => decided(hybridMode, { known: ['CiliumNodeConfig', 'Node'], ...given });

test('passes where no node moves and policies are enforced', () => {
  expect(of({ values: {} }).status).toBe('pass');
});

test('fails while nodes move: the gap is open', () => {
  const outcome = of({ objects: [nodeConfig()], values: HYBRID });
  expect(told(outcome, 'fail')).toEqual([
    'values: policyEnforcementMode: it is never: no policy is enforced in the cluster; the time counts as a gap',
  ]);
});

test('fails where enforcement was left off', () => {
  expect(of({ values: { policyEnforcementMode: 'never' } })).toMatchObject({
    status: 'fail',
    findings: [{ fix: 'No node moves: set it back to default.' }],
  });
});

test('names what the template lacks', () => {
  const outcome = of({ objects: [nodeConfig()], values: { policyEnforcementMode: 'default' } });
  expect(told(outcome, 'fail').map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
    'values: operator.unmanagedPodWatcher.restart',
    'values: bpf.hostLegacyRouting',
    'values: cni.customConf',
    'values: policyEnforcementMode',
  ]);
});

test('fails where Cilium’s range holds addresses of nodes', () => {
  const values = { ...HYBRID, ipam: { operator: { clusterPoolIPv4PodCIDRList: ['10.0.0.0/8'] } } };
  expect(told(of({ objects: [nodeConfig(), aNode('a')], values }), 'fail').join()).toContain('it holds addresses of Node a');
  const apart = { ...HYBRID, ipam: { operator: { clusterPoolIPv4PodCIDRList: ['100.64.0.0/10'] } } };
  expect(told(of({ objects: [nodeConfig(), aNode('a')], values: apart }), 'fail').join()).not.toContain('it holds addresses');
});

test.each([
  ['v2alpha1', '1.19.5', 'pass'],
  ['v2alpha1', '1.20.0', 'fail'],
  ['v2', '1.20.0', 'pass'],
  ['v2', '1.14.3', 'fail'],
])('a CiliumNodeConfig %s with Cilium %s: %s', (version, target, status) => {
  const quiet = { ...nodeConfig(version), spec: { nodeSelector: {}, defaults: { debug: 'true' } } };
  expect(of({ objects: [quiet], values: {}, target }).status).toBe(status);
});

test('is unknown without settings, and without CiliumNodeConfigs', () => {
  expect(of({})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
  expect(decided(hybridMode, { values: {} })).toMatchObject({ status: 'unknown', missing: ['node-configs'] });
});
