import { expect, test } from 'vitest';
import { labelFilter } from './label-filter.ts';
import { parseLabel } from './labels.ts';

const keeps = (option: string | undefined, ...labels: string[]) =>
  labels.filter((label) => labelFilter(option)(parseLabel(label)));

test('by default Cilium drops labels that say which pod, revision or zone it is', () => {
  const kept = [
    'k8s:app=a',
    'k8s:app.kubernetes.io/name=a',
    'k8s:io.kubernetes.pod.namespace=a',
    'k8s:x-pod-template-hash=a',
    'k8s:metrics.k8s.io/x=a',
    'reserved:host',
  ];
  const dropped = [
    'k8s:pod-template-hash=a',
    'k8s:controller-uid2=a',
    'k8s:annotations=a',
    'k8s:topology.kubernetes.io/zone=a',
    'k8s:kubernetes.io/x=a',
    'k8s:io.kubernetes.x=a',
    'k8s:a.beta.kubernetes.io/x=a',
  ];
  expect(keeps(undefined, ...kept, ...dropped)).toEqual(kept);
  expect(keeps('  ', ...kept, ...dropped)).toEqual(kept);
});

test('a pattern that includes turns the filter round, the labels that policy needs stay', () => {
  const labels = [
    'k8s:app=a',
    'k8s:tier=a',
    'k8s:io.kubernetes.pod.namespace=a',
    'k8s:io.cilium.k8s.policy.cluster=a',
    'reserved:host',
    'k8s:pod-template-hash=a',
  ];
  expect(keeps('k8s:app', ...labels)).toEqual([
    'k8s:app=a',
    'k8s:io.kubernetes.pod.namespace=a',
    'k8s:io.cilium.k8s.policy.cluster=a',
    'reserved:host',
  ]);
});

test('a pattern that excludes only takes away; of two that match the longer counts', () => {
  expect(keeps('!tier', 'k8s:app=a', 'k8s:tier=a')).toEqual(['k8s:app=a']);
  expect(keeps('!team team\\.io/owner', 'k8s:team=a', 'k8s:team.io/owner=a')).toEqual(['k8s:team.io/owner=a']);
  expect(keeps('container:app', 'k8s:app=a')).toEqual([]);
});

test('with patterns of its own an operator still has those of Cilium', () => {
  const beta = ['k8s:a.beta.kubernetes.io/x=a', 'k8s:io.cilium.k8s.namespace.labels.beta.kubernetes.io/x=a'];
  expect(keeps('!tier', ...beta, 'k8s:tier=a', 'k8s:pod-template-hash=a', 'reserved:host')).toEqual([beta[1], 'reserved:host']);
  expect(keeps(undefined, ...beta)).toEqual([beta[1]]);
  expect(keeps('!tier', 'k8s:pod-template-hash-x=a', 'k8s:x-pod-template-hash=a')).toEqual(['k8s:x-pod-template-hash=a']);
  expect(keeps('k8s:app !k8s:app-x', 'k8s:app=a', 'k8s:app-x=a', 'k8s:tier=a')).toEqual(['k8s:app=a']);
});

test('a pattern that is none is left out', () => {
  expect(keeps('!a(', 'k8s:a=1')).toEqual(['k8s:a=1']);
});
