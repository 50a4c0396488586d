import { describe, expect, test } from 'vitest';
import { aFlow, anEndpoint, host, world } from '#lib/testing/flows.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { entityOf, isWorld, nameOf, workloadOf } from './endpoint-name.ts';

const pod = (podName: string) => workloadOf(anEndpoint({ podName, workload: undefined }));

test.each([
  ['checkout-api-7d9f6c5b8-qgjtc', 'checkout-api', 'Deployment'],
  ['prometheus-1', 'prometheus', 'StatefulSet'],
  ['spire-agent-775nk', 'spire-agent', 'DaemonSet'],
  ['backup-28951200-x7k2q', 'backup', 'CronJob'],
  ['debug-shell', 'debug-shell', 'Pod'],
  ['web-proxy', 'web-proxy', 'Pod'],
])('without a workload, pod %s is of %s', (podName, name, kind) => expect(pod(podName)).toEqual({ name, kind }));

test('Hubble’s own workload wins; the world has none', () => {
  expect(workloadOf(anEndpoint())).toEqual({ name: 'checkout-api', kind: 'Deployment' });
  expect(workloadOf(world)).toBeUndefined();
});

test.each([
  [{ identity: 2, labels: [] }, 'world'],
  [{ identity: 9, labels: ['reserved:world-ipv4'] }, 'world'],
  [{ identity: 16_777_304, labels: ['reserved:kube-apiserver', 'reserved:world-ipv4'] }, 'kube-apiserver'],
  [{ identity: 16_777_302, labels: ['cidr:192.0.2.88/29', 'reserved:world-ipv4'] }, 'world'],
  [{ identity: 6, labels: [] }, 'remote-node'],
  [{ identity: 60_417, labels: [] }, undefined],
])('the entity of %j is %s', (fields, entity) => expect(entityOf({ ...world, ...fields })).toBe(entity));

test('pods are no entity, whatever a label of theirs says', () => {
  expect(entityOf(anEndpoint({ labels: ['reserved:host'] }))).toBeUndefined();
  expect(isWorld(world) && !isWorld(host) && !isWorld(anEndpoint())).toBe(true);
});

test.each([
  ['a pod', aFlow(), 'payments/checkout-api'],
  ['the node', aFlow({ source: host }), 'host'],
  ['a learned name', aFlow({ source: world, sourceNames: ['api.example.com.'] }), 'api.example.com'],
  [
    'the name of an fqdn identity',
    aFlow({ source: { ...world, identity: 16_777_301, labels: ['fqdn:api.riskdata.example', 'reserved:world'] } }),
    'api.riskdata.example',
  ],
  ['an address', aFlow({ source: world }), '10.0.4.33'],
  ['nothing but an identity', aFlow({ source: { ...world, identity: 60_417, labels: [] }, ip: undefined }), 'identity:60417'],
  ['nothing at all', aFlow({ source: { ...world, identity: 0, labels: [] }, ip: undefined }), 'unknown'],
])('%s is named', (_, flow, name) => expect(nameOf(flow, 'source')).toBe(name));

test('at level pod, pods are named', () =>
  expect(nameOf(aFlow(), 'source', 'pod')).toBe('payments/checkout-api-7d9f6c5b8-qgjtc'));

describe.skipIf(recordingMissing())('in the recording', () => {
  test('the fallback finds the workload that Hubble names, from the pod’s name alone', () => {
    const endpoints = recordedFlows().flatMap(({ source, destination }) => [source, destination]);
    const wrong = endpoints
      .filter(({ workload }) => workload)
      .filter((endpoint) => pod(endpoint.podName)?.name !== endpoint.workload?.name);
    expect([...new Set(wrong.map(({ podName }) => podName))]).toEqual([]);
  });
});
