import { expect, test } from 'vitest';
import { choosePods, labelKeysInUse } from './nearest-labels.ts';

const pod = (...labels: string[]) => [
  ...labels.map((label) => `k8s:${label}`),
  'k8s:io.kubernetes.pod.namespace=shop',
  'k8s:io.cilium.k8s.policy.cluster=default',
];

test('a pod is named by its app label, never by what changes with a rollout or by facts of the cluster', () => {
  const labels = pod(
    'pod-template-hash=6f7',
    'app.kubernetes.io/name=cart',
    'app=cart',
    'version=v2',
    'aaa=first',
    'io.cilium.k8s.policy.serviceaccount=cart',
  );
  expect(choosePods([labels], [])).toEqual({
    labels: [{ key: 'app.kubernetes.io/name', value: 'cart' }],
    absent: [],
    exact: true,
  });
  expect(choosePods([labels], [], ['app'])?.labels).toEqual([{ key: 'app', value: 'cart' }]);
});

test('identities of one workload are named by what they share', () => {
  expect(
    choosePods([pod('app=cart', 'tier=a', 'zone=1'), pod('app=cart', 'tier=a', 'zone=2')], [pod('app=cart', 'tier=b')])?.labels,
  ).toEqual([
    { key: 'app', value: 'cart' },
    { key: 'tier', value: 'a' },
  ]);
});

test('the label that keeps most others out is added first, and a key that only they have is excluded', () => {
  const choice = choosePods(
    [pod('app=x', 'a=1', 'b=1')],
    [pod('app=x', 'a=2', 'b=2'), pod('app=x', 'a=1', 'b=2'), pod('app=x', 'a=1', 'b=1', 'canary=yes')],
  );
  expect(choice).toEqual({
    labels: [
      { key: 'app', value: 'x' },
      { key: 'b', value: '1' },
    ],
    absent: ['canary'],
    exact: true,
  });
});

test('labels that tell nobody apart are said to be inexact', () => {
  expect(choosePods([pod('app=x')], [pod('app=x')])).toEqual({ labels: [{ key: 'app', value: 'x' }], absent: [], exact: false });
});

test('the service account names a pod that has no label that lasts; nothing names one that has only hashes', () => {
  expect(choosePods([pod('pod-template-hash=1', 'io.cilium.k8s.policy.serviceaccount=job')], [])?.labels).toEqual([
    { key: 'io.cilium.k8s.policy.serviceaccount', value: 'job' },
  ]);
  expect(choosePods([pod('pod-template-hash=1', 'controller-revision-hash=2')], [])).toBeUndefined();
});

test('hostile labels are no reason to let anybody in', () => {
  expect(
    choosePods([['k8s:bad key=x', 'container:__proto__=polluted', 'k8s:app=a b', 'k8s:x=\u202e', 'k8s:ok=1']], [])?.labels,
  ).toEqual([{ key: 'ok', value: '1' }]);
  expect(choosePods([['k8s:__proto__x=1', 'k8s:constructor=2']], [])?.labels).toEqual([{ key: 'constructor', value: '2' }]);
});

test('keys in use are counted over subjects and peers, app labels only', () => {
  const policies = [
    {
      kind: 'CiliumNetworkPolicy' as const,
      metadata: {},
      spec: {
        endpointSelector: { matchLabels: { app: 'a' } },
        ingress: [{ fromEndpoints: [{ matchLabels: { 'k8s:app': 'b', team: 'x' } }] }],
      },
    },
    { kind: 'NetworkPolicy' as const, metadata: {}, spec: { podSelector: { matchLabels: { 'k8s-app': 'c' } } } },
  ];
  expect(labelKeysInUse(policies)).toEqual(['app', 'k8s-app']);
});
