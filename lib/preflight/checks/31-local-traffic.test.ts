import { expect, test } from 'vitest';
import { decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { localTraffic } from './31-local-traffic.ts';

const service = (spec: object, annotations: object = {}, name = 'edge') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', annotations },
  spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ...spec },
});
const targets = (type: string) => ({ 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': type });
const of = (given: Given) => decided(localTraffic, { known: ['Service'], values: {}, ...given });

test('passes without such a load balancer, and where it targets pods', () => {
  expect(of({ objects: [service({ type: 'ClusterIP' })] }).status).toBe('pass');
  expect(of({ objects: [service({ externalTrafficPolicy: 'Cluster' })] }).status).toBe('pass');
  expect(of({ objects: [service({}, targets('ip'))] }).status).toBe('pass');
});

test('fails where its targets are nodes, or may be', () => {
  expect(told(of({ objects: [service({}, targets('instance'))] }), 'fail').join()).toContain(
    'targets nodes: the health port of each node is served by kube-proxy',
  );
  expect(told(of({ objects: [service({})], values: { kubeProxyReplacement: 'true' } }), 'fail').join()).toContain(
    'may target nodes: the health port of each node is served by Cilium',
  );
  expect(of({ objects: [service({}, targets(HOSTILE), HOSTILE)] }).status).toBe('fail');
});

test('is unknown without services, and without settings', () => {
  expect(decided(localTraffic, {})).toMatchObject({ status: 'unknown', missing: ['services'] });
  expect(decided(localTraffic, { objects: [service({})] })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'cilium-config'],
  });
});
