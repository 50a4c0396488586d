import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { aKubePod, decided, type Given, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { instanceMetadata } from './11-imds.ts';

const nodeClass = (limit?: number, name = 'default'): object => ({
  apiVersion: 'karpenter.k8s.aws/v1',
  kind: 'EC2NodeClass',
  metadata: { name },
  spec: limit === undefined ? {} : { metadataOptions: { httpPutResponseHopLimit: limit } },
});
const pod = (name: string, more: object = {}): object =>
  aKubePod(name, { labels: { app: 'db' }, status: { phase: 'Running', podIP: '10.0.1.5' }, ...more });
const shielded = aPolicy({ egress: [{ toEndpoints: [{}] }] });
const open = aPolicy({ ingress: [{}] });
const chained = { cni: { chainingMode: 'aws-cni' } };
const of = (objects: readonly object[], given: Given = {}) => decided(instanceMetadata, { values: chained, ...given, objects });

test('passes where pods can reach it and none may', () => {
  expect(of([nodeClass(2), pod('web'), shielded])).toMatchObject({ status: 'pass', missing: [] });
});

test('fails where the limit is too low for pods: 2, behind an overlay 3; nothing said is 1', () => {
  expect(told(of([nodeClass(1), pod('web'), shielded]), 'fail')).toEqual([
    'EC2NodeClass default: its hop limit is 1: pods need 2 to reach instance metadata',
  ]);
  expect(of([nodeClass(), pod('web'), shielded]).status).toBe('fail');
  expect(told(of([nodeClass(2), pod('web'), shielded], { values: {} }), 'fail')[0]).toContain('pods behind the overlay need 3');
  expect(of([nodeClass(3), pod('web'), shielded], { values: {} }).status).toBe('pass');
});

test('fails where the limit is high and pods are not kept away', () => {
  expect(told(of([nodeClass(2), pod('web'), open]), 'fail')).toEqual([
    'Namespace shop: 1 pod may reach instance metadata and with it the credentials of the node',
  ]);
});

test('fails where a policy keeps away a part of the platform that has no other credentials', () => {
  const driver = pod('ebs-csi-controller-0');
  const given = pod('ebs-csi-controller-0', {
    spec: { nodeName: 'a', containers: [{ name: 'x', env: [{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/t' }] }] },
  });
  expect(told(of([nodeClass(2), driver, shielded]), 'fail')).toEqual([
    'Pod shop/ebs-csi-controller-0: it has no credentials of its own, and a policy keeps it from instance metadata',
  ]);
  expect(of([nodeClass(2), given, shielded]).status).toBe('pass');
});

test('tells who asks for it, and fails where such traffic is dropped', () => {
  const asks = (more: object) =>
    trafficOf(someTraffic({ port: 80, destination: outside('entity:world', { addresses: ['169.254.169.254'] }), ...more }));
  expect(told(of([nodeClass(2), pod('web'), shielded], { flows: asks({}) })).join()).toContain('10 flows to instance metadata');
  expect(of([nodeClass(2), pod('web'), shielded], { flows: asks({ verdict: 'DROPPED' }) }).status).toBe('fail');
});

test('is unknown without node classes, pods, policies or settings', () => {
  expect(decided(instanceMetadata, {})).toMatchObject({
    status: 'unknown',
    missing: ['values', 'cilium-config', 'node-pools', 'pods'],
  });
  expect(of([pod('web'), open]).missing).toEqual(['node-pools']);
  expect(of([nodeClass(2, HOSTILE), pod('web')])).toMatchObject({ status: 'unknown', missing: ['policies'] });
});
