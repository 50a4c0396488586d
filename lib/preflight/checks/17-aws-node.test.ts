import { expect, test } from 'vitest';
import { aDaemonSet, aNode, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { awsNode } from './17-aws-node.ts';

const STEER = { 'io.cilium/aws-node-enabled': 'true' };
const chained = { cni: { chainingMode: 'aws-cni' } };
const steered = (metadata: object = {}) => aDaemonSet('aws-node', { nodeSelector: STEER }, metadata);
const of = (given: Given) => decided(awsNode, { known: ['DaemonSet', 'Node'], ...given });

test('passes where Cilium is chained on nodes that aws-node runs on', () => {
  const outcome = of({ objects: [aDaemonSet('aws-node'), aNode('a'), aNode('b')], values: chained });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toEqual(['nodes: 2 nodes with Cilium behind VPC CNI']);
});

test('passes where aws-node is steered away from nodes that are Cilium’s', () => {
  expect(of({ objects: [steered(), aNode('a')], values: {} }).status).toBe('pass');
});

test.each([
  ['both are primary on a node', [aDaemonSet('aws-node'), aNode('a')], {}, 'both aws-node and Cilium'],
  ['a chained node has no aws-node', [steered(), aNode('a')], chained, 'nobody gives addresses'],
  [
    'a node has neither',
    [steered(), aDaemonSet('cilium', { nodeSelector: { cilium: 'yes' } }), aNode('a'), aNode('b', { labels: { cilium: 'yes' } })],
    {},
    'Node a: neither aws-node nor Cilium',
  ],
])('fails where %s', (_, objects, values, says) => {
  const outcome = of({ objects, values });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(says);
});

test('reads required node affinity as the scheduler does', () => {
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'compute', operator: 'NotIn', values: ['cilium'] }] }],
      },
    },
  };
  const objects = [aDaemonSet('aws-node', { affinity }), aNode('old'), aNode('new', { labels: { compute: 'cilium' } })];
  const failed = told(of({ objects, values: { ipam: { mode: 'eni' } } }), 'fail');
  expect(failed).toEqual(['Node old: both aws-node and Cilium give addresses there: which one a pod gets is chance']);
});

test('a CiliumNodeConfig takes its nodes out of the chain one by one', () => {
  const config = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNodeConfig',
    metadata: { name: 'move', namespace: 'kube-system' },
    spec: { nodeSelector: { matchLabels: { moved: 'yes' } }, defaults: { 'cni-chaining-mode': 'none' } },
  };
  const objects = [steered(), config, aNode('a', { labels: STEER }), aNode('b', { labels: { moved: 'yes' } })];
  expect(told(of({ objects, values: chained }))).toEqual(['nodes: 1 node with Cilium behind VPC CNI, 1 node with Cilium alone']);
});

test('fails where the EKS add-on owns what was patched', () => {
  const metadata = { managedFields: [{ manager: 'eks', operation: 'Apply' }] };
  expect(told(of({ objects: [steered(metadata), aNode('a')], values: {} }), 'fail').join()).toContain('takes the selector away');
  const unpatched = of({ objects: [aDaemonSet('aws-node', {}, metadata), aNode('a')], values: chained });
  expect(unpatched.status).toBe('pass');
  expect(told(unpatched).join()).toContain('reverted at the add-on’s next update');
});

test('fails where aws-node translates what goes to Cilium’s range', () => {
  const env = (value: string) => ({
    nodeSelector: STEER,
    containers: [{ name: 'aws-node', env: [{ name: 'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS', value }] }],
  });
  const objects = (value: string) => [
    aDaemonSet('aws-node', env(value)),
    aDaemonSet('cilium', { nodeSelector: { cilium: 'yes' } }),
    aNode('old', { labels: STEER }),
    aNode('new', { labels: { cilium: 'yes' } }),
  ];
  const values = { ipam: { operator: { clusterPoolIPv4PodCIDRList: ['10.244.0.0/16'] } } };
  expect(told(of({ objects: objects(''), values }), 'fail').join()).toContain('10.244.0.0/16');
  expect(of({ objects: objects('10.244.0.0/16'), values }).status).toBe('pass');
});

test('tells of nodes that VPC CNI ran before Cilium did', () => {
  const ciliumNode = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNode',
    metadata: { name: 'a', creationTimestamp: '2026-10-01T00:00:00Z' },
  };
  const outcome = of({ objects: [steered(), aNode('a', { createdAt: '2026-09-01T00:00:00Z' }), ciliumNode], values: {} });
  expect(told(outcome).join()).toContain('1 node ran VPC CNI before Cilium');
});

test('is unknown without DaemonSets, nodes or settings', () => {
  expect(decided(awsNode, {})).toMatchObject({ status: 'unknown', missing: ['daemonsets', 'nodes', 'values', 'cilium-config'] });
  expect(of({})).toMatchObject({ status: 'unknown', missing: ['values', 'cilium-config'] });
});

test('matches hostile labels as text', () => {
  const objects = [
    aDaemonSet('aws-node', { nodeSelector: { [HOSTILE]: HOSTILE } }),
    aNode(HOSTILE, { labels: { constructor: 'x' } }),
  ];
  expect(of({ objects, values: {} }).status).toBe('pass');
});
