import { expect, test } from 'vitest';
import { aKubePod, aNode, decided, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { unmanagedPods } from './01-unmanaged-pods.ts';

const endpoint = (name: string, namespace = 'shop'): object => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { name, namespace },
  status: { identity: { id: 1000 } },
});
const web = aKubePod('web', { status: { phase: 'Running', podIP: '10.0.1.5', startTime: '2026-10-01T08:00:00Z' } });
const agent = aKubePod('cilium-1', {
  namespace: 'kube-system',
  labels: { 'k8s-app': 'cilium' },
  spec: { hostNetwork: true },
  status: { phase: 'Running', startTime: '2026-10-02T08:00:00Z' },
});

test('passes where every pod with an address of its own has an endpoint', () => {
  const done = aKubePod('job', { status: { phase: 'Succeeded' } });
  const waiting = aKubePod('waiting', { spec: { nodeName: '' }, status: { phase: 'Pending' } });
  const outcome = decided(unmanagedPods, { objects: [web, agent, done, waiting, endpoint('web')] });
  expect(outcome).toMatchObject({ status: 'pass', missing: [] });
  expect(told(outcome)).toEqual(['pods: 1 of 1 pod with an address of their own are managed']);
});

test('reads endpoints from slices as well', () => {
  const slice = {
    apiVersion: 'cilium.io/v2alpha1',
    kind: 'CiliumEndpointSlice',
    metadata: { name: 's' },
    namespace: 'shop',
    endpoints: [{ name: 'web', id: 1 }],
  };
  expect(decided(unmanagedPods, { objects: [web, slice] }).status).toBe('pass');
});

test('fails with each pod that has none, by node, and says whether it is older than the agent', () => {
  const outcome = decided(unmanagedPods, {
    objects: [web, agent, aKubePod('db', { spec: { nodeName: 'b' } })],
    known: ['CiliumEndpoint'],
  });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail')).toEqual([
    'Pod shop/web: it has no CiliumEndpoint; it runs on a and is older than the agent there',
    'Pod shop/db: it has no CiliumEndpoint; it runs on b, where no agent of Cilium runs',
  ]);
});

test('goes by the counts of cilium status where objects are not known', () => {
  const status = { images: [], workloads: [], agents: [], errors: [], collectionErrors: [] };
  expect(decided(unmanagedPods, { status: { ...status, pods: { all: 60, managed: 58 } } })).toMatchObject({ status: 'fail' });
  expect(decided(unmanagedPods, { status: { ...status, pods: { all: 60, managed: 60 } } })).toMatchObject({ status: 'pass' });
});

test('fails where traffic shows a pod as unmanaged, or by its address alone', () => {
  const flows = trafficOf(
    someTraffic({ source: outside('entity:unmanaged', { identity: 3 }) }),
    someTraffic({ destination: outside('cidr:10.0.1.0/24', { addresses: ['10.0.1.5'] }) }),
  );
  expect(told(decided(unmanagedPods, { objects: [web, endpoint('web')], flows }), 'fail')).toEqual([
    'entity:unmanaged: traffic shows it with the identity unmanaged',
    'Pod shop/web: traffic knows it by its address 10.0.1.5 only',
  ]);
});

test('is unknown, and names what is missing, without pods or endpoints', () => {
  expect(decided(unmanagedPods, {})).toEqual({ status: 'unknown', findings: [], missing: ['pods', 'endpoints'] });
  expect(decided(unmanagedPods, { objects: [web] })).toEqual({ status: 'unknown', findings: [], missing: ['endpoints'] });
  expect(decided(unmanagedPods, { objects: [aNode('a')], known: ['CiliumEndpoint'] }).missing).toEqual(['pods']);
});

test('tells pods of any name', () => {
  const outcome = decided(unmanagedPods, { objects: [aKubePod(HOSTILE, { namespace: '__proto__' })], known: ['CiliumEndpoint'] });
  expect(told(outcome, 'fail')[0]).toContain(`Pod __proto__/${HOSTILE}: `);
});
