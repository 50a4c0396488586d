import { expect, test } from 'vitest';
import { labelSet, parseLabel } from './labels.ts';
import { inCluster, meetsAll, peerRequirements, requirementsKey, requirementsOf, subjectInNamespace } from './selector.ts';

const labels = (...texts: string[]) => labelSet(texts.map(parseLabel));
const web = labels(
  'k8s:app=web',
  'k8s:io.kubernetes.pod.namespace=shop',
  'k8s:io.cilium.k8s.policy.cluster=default',
  'node:zone=a',
);
const expression = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] });

test.each([
  [{}, 'yes'],
  [{ matchLabels: { app: 'web' } }, 'yes'],
  [{ matchLabels: { 'any:app': 'web' } }, 'yes'],
  [{ matchLabels: { 'k8s:app': 'web' } }, 'yes'],
  [{ matchLabels: { 'reserved:app': 'web' } }, 'no'],
  [{ matchLabels: { app: '' } }, 'no'],
  [{ matchLabels: { zone: 'a' } }, 'yes'],
  [{ matchLabels: { 'k8s:zone': 'a' } }, 'no'],
  [expression('app', 'In', 'db', 'web'), 'yes'],
  [expression('app', 'In', 'db'), 'no'],
  [expression('app', 'NotIn', 'db'), 'yes'],
  [expression('app', 'NotIn', 'web'), 'no'],
  [expression('tier', 'NotIn', 'x'), 'yes'],
  [expression('tier', 'In', 'x'), 'no'],
  [expression('app', 'Exists'), 'yes'],
  [expression('tier', 'Exists'), 'no'],
  [expression('tier', 'DoesNotExist'), 'yes'],
  [expression('app', 'DoesNotExist'), 'no'],
  [{ matchLabels: { app: 'web' }, ...expression('tier', 'Exists') }, 'no'],
])('the selector %j and a web pod: %s', (selector, answer) => {
  expect(meetsAll(requirementsOf(selector), web)).toBe(answer);
});

test('in Kubernetes’ own kind a bare key is a label of Kubernetes', () => {
  expect(meetsAll(requirementsOf({ matchLabels: { zone: 'a' } }, 'k8s'), web)).toBe('no');
});

test('labels of a namespace that nobody told leave a selector on them open, unless the rest says no', () => {
  const somewhere = labelSet([parseLabel('k8s:app=web')], true);
  const team = (operator: string) => expression('k8s:io.cilium.k8s.namespace.labels.team', operator);
  expect(meetsAll(requirementsOf(team('Exists')), somewhere)).toBe('unknown');
  expect(meetsAll(requirementsOf(team('DoesNotExist')), somewhere)).toBe('unknown');
  expect(meetsAll(requirementsOf({ matchLabels: { app: 'db' }, ...team('Exists') }), somewhere)).toBe('no');
});

const added = (selector: unknown, namespace: string | undefined, subjectIsInit = false) =>
  peerRequirements(requirementsOf(selector), { namespace, cluster: 'default', subjectIsInit })
    .slice(requirementsOf(selector).length)
    .map(({ key, operator }) => `${key.replace(/^.*\./, '')} ${operator}`);

test.each([
  [{}, 'shop', ['namespace equals', 'cluster equals']],
  [{}, undefined, ['namespace exists', 'cluster equals']],
  [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'x' } }, 'shop', ['cluster equals']],
  [{ matchLabels: { 'io.kubernetes.pod.namespace': 'x' } }, 'shop', ['cluster equals']],
  [{ matchLabels: { 'reserved:host': '' } }, 'shop', []],
  [expression('reserved:host', 'DoesNotExist'), 'shop', []],
  [expression('io.cilium.k8s.namespace.labels.team', 'NotIn', 'x'), 'shop', ['cluster equals']],
  [expression('io.cilium.k8s.namespace.labels.team', 'NotIn', 'x'), undefined, ['namespace exists', 'cluster equals']],
  [{ matchLabels: { 'k8s:io.cilium.k8s.policy.cluster': 'east' } }, 'shop', ['namespace equals']],
])('Cilium adds to the peer selector %j of %s: %j', (selector, namespace, expected) => {
  expect(added(selector, namespace)).toEqual(expected);
});

test('a clusterwide policy for pods that start reaches peers without a namespace', () => {
  expect(added({}, undefined, true)).toEqual(['cluster equals']);
});

test('with the local-cluster default off nothing is added for the cluster', () => {
  expect(inCluster([], undefined)).toEqual([]);
});

test('the namespace of a CiliumNetworkPolicy replaces what matchLabels says and is ANDed with an expression', () => {
  const subject = (selector: unknown) => meetsAll(subjectInNamespace(requirementsOf(selector), 'shop'), web);
  expect(subject({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'other' } })).toBe('yes');
  expect(subject({ matchLabels: { 'io.kubernetes.pod.namespace': 'other' } })).toBe('no');
  expect(subject(expression('k8s:io.kubernetes.pod.namespace', 'In', 'other'))).toBe('no');
});

test('a key that objects have by nature is a key like any other', () => {
  const selector = JSON.parse('{"matchLabels":{"__proto__":"x"}}') as unknown;
  expect(meetsAll(requirementsOf(selector), web)).toBe('no');
  expect(meetsAll(requirementsOf(selector), labels('k8s:__proto__=x'))).toBe('yes');
});

test('the key of a selector does not depend on the order of its conditions', () => {
  const key = (selector: unknown) => requirementsKey(requirementsOf(selector));
  expect(key({ matchLabels: { a: '1', b: '2' } })).toBe(key({ matchLabels: { b: '2', a: '1' } }));
  expect(key({ matchLabels: { a: '1' } })).not.toBe(key({ matchLabels: { a: '2' } }));
  expect(key({ matchLabels: { a: '1' } })).not.toBe(key({ matchLabels: { 'k8s:a': '1' } }));
});
