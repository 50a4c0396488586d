import { expect, test } from 'vitest';
import { aPod, aWorld } from '#lib/testing/policies.ts';
import { endpointLabels, hostLabels, outsideLabels, remoteNodeLabels } from './identity-labels.ts';
import { labelFilter } from './label-filter.ts';
import type { WorldEndpoint } from './model.ts';

const keepAll = labelFilter();
const texts = (endpoint: WorldEndpoint, world = aWorld()) => endpointLabels(endpoint, world, keepAll).texts;

test('a pod has its own labels and those that the cluster says of it', () => {
  expect(
    texts(
      aPod('a', 'pay', {
        labels: { app: 'a', 'io.cilium.k8s.policy.cluster': 'forged', 'pod-template-hash': 'x' },
        serviceAccount: 'pay',
      }),
    ),
  ).toEqual([
    'k8s:app=a',
    'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=pay',
    'k8s:io.cilium.k8s.namespace.labels.team=payments',
    'k8s:io.cilium.k8s.policy.cluster=default',
    'k8s:io.cilium.k8s.policy.serviceaccount=pay',
    'k8s:io.kubernetes.pod.namespace=pay',
  ]);
  const bare: WorldEndpoint = { id: 'a', namespace: 'pay', labels: {}, serviceAccount: '', cluster: 'east' };
  expect(texts(bare).filter((text) => text.includes('policy'))).toEqual(['k8s:io.cilium.k8s.policy.cluster=east']);
});

test('where the cluster’s own objects say the labels of an identity nothing is derived', () => {
  expect(texts(aPod('a', 'pay', { identityLabels: ['k8s:b=1', 'k8s:a=1'] }))).toEqual(['k8s:a=1', 'k8s:b=1']);
});

test('a namespace that is not there is unknown only where the source may lack it', () => {
  const unknown = (namespace: string, missing: readonly 'namespaces'[]) =>
    endpointLabels(aPod('a', namespace), aWorld({ missing }), keepAll).namespaceUnknown;
  expect([unknown('gone', []), unknown('gone', ['namespaces']), unknown('pay', ['namespaces'])]).toEqual([false, true, false]);
  expect(unknown('constructor', ['namespaces'])).toBe(true);
  expect(texts(aPod('a', 'constructor')).filter((text) => text.includes('namespace.labels'))).toEqual([]);
});

test('a node is the host on its own agent and a remote node elsewhere; the API server’s label stays', () => {
  const node = { id: 'n', labels: { role: 'worker', 'kubernetes.io/os': 'linux' }, kubeApiServer: true };
  expect(hostLabels(node, keepAll).texts).toEqual(['k8s:role=worker', 'reserved:host', 'reserved:kube-apiserver']);
  expect(hostLabels(undefined, keepAll).texts).toEqual(['reserved:host']);
  expect(remoteNodeLabels(node, aWorld(), keepAll).texts).toEqual(['reserved:kube-apiserver', 'reserved:remote-node']);
  expect(
    remoteNodeLabels(
      { id: 'n', labels: { role: 'worker' } },
      aWorld({ config: { nodeSelectorLabels: true, clusterName: 'east' } }),
      keepAll,
    ).texts,
  ).toEqual(['k8s:io.cilium.k8s.policy.cluster=east', 'node:role=worker', 'reserved:remote-node']);
});

test('the outside is the world, of a family where both are on', () => {
  const dual = aWorld({ config: { dualStack: true } });
  expect([
    outsideLabels(aWorld(), 4, false).texts,
    outsideLabels(dual, 6, false).texts,
    outsideLabels(dual, undefined, true).texts,
  ]).toEqual([['reserved:world'], ['reserved:world-ipv6'], ['reserved:kube-apiserver', 'reserved:world']]);
});
