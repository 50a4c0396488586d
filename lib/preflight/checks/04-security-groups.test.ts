import { expect, test } from 'vitest';
import {
  aDaemonSet,
  aNode,
  anEnd,
  decided,
  type Given,
  HOSTILE,
  outside,
  someTraffic,
  told,
  trafficOf,
} from '#lib/testing/preflight.ts';
import { securityGroups } from './04-security-groups.ts';

const awsNode = (env: Readonly<Record<string, string>>): object =>
  aDaemonSet('aws-node', {
    containers: [{ name: 'aws-node', env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
  });
const policy = (name = 'db'): object => ({
  apiVersion: 'vpcresources.k8s.aws/v1beta1',
  kind: 'SecurityGroupPolicy',
  metadata: { name, namespace: 'shop' },
});
const values = { cni: { chainingMode: 'aws-cni', externalRouting: true }, bpf: { vlanBypass: [0] } };
const standard = awsNode({ ENABLE_POD_ENI: 'true', POD_SECURITY_GROUP_ENFORCING_MODE: 'standard' });
const used = [policy(), standard, aNode('a')];
const of = (given: Given) => decided(securityGroups, { values, flows: trafficOf(), ...given });

test('passes where no pod has security groups', () => {
  expect(of({ objects: [awsNode({}), aNode('a')], known: ['SecurityGroupPolicy'] })).toMatchObject({
    status: 'pass',
    missing: [],
  });
  expect(of({ objects: [standard, aNode('a')], known: ['SecurityGroupPolicy'] }).status).toBe('pass');
});

test('passes where standard mode, routing and VLANs are set and traffic shows no loss', () => {
  expect(of({ objects: used })).toMatchObject({ status: 'pass', missing: [] });
});

test.each([
  ['strict mode', { objects: [policy(), awsNode({ ENABLE_POD_ENI: 'true' }), aNode('a')] }, 'is not set, which is strict'],
  ['routing by Cilium', { objects: used, values: { bpf: { vlanBypass: [0] } } }, 'routing is not left to VPC CNI'],
  ['no VLAN let through', { objects: used, values: { cni: { externalRouting: true } } }, 'no VLAN is let through'],
  [
    'frames dropped for their VLAN',
    { objects: used, flows: trafficOf(someTraffic({ dropReason: 'VLAN_FILTERED', verdict: 'DROPPED' })) },
    'dropped for their VLAN',
  ],
  [
    'kubelets taken for the world',
    {
      objects: used,
      flows: trafficOf(
        someTraffic({ source: outside('entity:world', { addresses: ['10.0.0.1'] }), destination: anEnd('shop', 'db') }),
      ),
    },
    'arrive as from the world',
  ],
] as const)('fails with %s', (_, given, message) => {
  const outcome = of(given);
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(message);
});

test('is unknown without the objects and, where it is in use, without settings or traffic', () => {
  expect(decided(securityGroups, {})).toEqual({
    status: 'unknown',
    findings: [],
    missing: ['security-group-policies', 'daemonsets', 'nodes'],
  });
  expect(decided(securityGroups, { objects: used, values })).toMatchObject({ status: 'unknown', missing: ['flows'] });
  expect(decided(securityGroups, { objects: used, flows: trafficOf() })).toMatchObject({
    status: 'unknown',
    missing: ['values'],
  });
  const trunk = aNode('a', { labels: { 'vpc.amazonaws.com/has-trunk-attached': 'true' } });
  expect(of({ objects: [trunk] })).toMatchObject({ status: 'unknown', missing: ['security-group-policies', 'daemonsets'] });
});

test('reads objects of any name', () => {
  expect(told(of({ objects: [policy(HOSTILE), standard, aNode(HOSTILE)] }))[0]).toContain(`SecurityGroupPolicy shop/${HOSTILE}`);
});
