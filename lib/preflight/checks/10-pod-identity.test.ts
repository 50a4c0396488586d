import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import {
  aDaemonSet,
  aKubePod,
  decided,
  type Given,
  HOSTILE,
  outside,
  someTraffic,
  told,
  trafficOf,
} from '#lib/testing/preflight.ts';
import { podIdentityAgent } from './10-pod-identity.ts';

const agent = aDaemonSet('eks-pod-identity-agent');
const env = [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' }];
const pod = (name: string, variables: readonly object[] = []): object =>
  aKubePod(name, {
    labels: { app: 'db' },
    spec: { containers: [{ name: 'main', image: 'x', env: variables }] },
    status: { phase: 'Running', podIP: '10.0.1.5' },
  });
const closed = aPolicy({ egress: [{ toEndpoints: [{}] }] });
const withHost = aPolicy({ egress: [{ toEntities: ['host'], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }] });
const toAgent = (more: object) =>
  someTraffic({ port: 80, destination: outside('entity:host', { addresses: ['169.254.170.23'] }), ...more });
const of = (policies: readonly object[], given: Given = {}) =>
  decided(podIdentityAgent, { ...given, objects: [agent, pod('web', env), ...policies, ...(given.objects ?? [])] });

test('passes where it is not installed', () => {
  expect(decided(podIdentityAgent, { objects: [aDaemonSet('aws-node')] })).toMatchObject({ status: 'pass', missing: [] });
});

test('passes where pods that use it may reach the host, or are not closed', () => {
  expect(of([closed, { ...withHost, metadata: { name: 'host', namespace: 'shop' } }]).status).toBe('pass');
  expect(of([aPolicy({ ingress: [{}] })])).toMatchObject({ status: 'pass', missing: [] });
});

test('fails with each pod that uses it and is cut off', () => {
  expect(told(of([closed]), 'fail')).toEqual(['Pod shop/web: it uses Pod Identity, and no rule opens the host on port 80']);
  const denied = aPolicy({ egressDeny: [{ toEntities: ['host'] }], egress: [{}] });
  expect(of([denied]).status).toBe('fail');
});

test('leaves alone who does not use it; where nobody says so, every closed pod counts', () => {
  expect(told(of([closed], { objects: [pod('other')] }), 'fail')).toHaveLength(1);
  const outcome = decided(podIdentityAgent, { objects: [agent, pod('a'), pod(HOSTILE), closed] });
  expect(told(outcome, 'fail').toSorted()).toEqual(
    ['a', HOSTILE].map((name) => `Pod shop/${name}: its egress is closed, and no rule opens the host on port 80`).toSorted(),
  );
});

test('fails where traffic to the agent is dropped, and where it is the host here and the world there', () => {
  const fine = aPolicy({ ingress: [{}] });
  expect(
    told(of([fine], { flows: trafficOf(toAgent({ verdict: 'DROPPED', dropReason: 'POLICY_DENIED' })) }), 'fail')[0],
  ).toContain('10 flows to the agent dropped (POLICY_DENIED)');
  const both = trafficOf(toAgent({}), toAgent({ destination: outside('entity:world', { addresses: ['fd00:ec2::23'] }) }));
  expect(told(of([fine], { flows: both }), 'fail')[0]).toContain('takes it for the host here and for the world there');
});

test('fails in versions that lose its answers whatever policies say', () => {
  const fine = aPolicy({ ingress: [{}] });
  expect(of([fine], { version: '1.16.3', values: {} }).status).toBe('fail');
  expect(of([fine], { version: '1.16.3', values: { bpf: { hostLegacyRouting: true } } }).status).toBe('pass');
  expect(of([fine], { version: '1.18.0-rc.1' }).status).toBe('fail');
  expect(of([fine], { version: '1.18.2' }).status).toBe('pass');
});

test('holds policies against one another where pods are not known', () => {
  const host = { ...withHost, metadata: { name: 'host', namespace: 'shop' } };
  expect(told(decided(podIdentityAgent, { objects: [agent, closed] }), 'fail')[0]).toContain(
    'no rule for these pods opens the host on port 80',
  );
  expect(decided(podIdentityAgent, { objects: [agent, closed, host] })).toMatchObject({ status: 'pass', missing: [] });
});

test('is unknown without DaemonSets or policies', () => {
  expect(decided(podIdentityAgent, {})).toEqual({ status: 'unknown', findings: [], missing: ['daemonsets'] });
  expect(decided(podIdentityAgent, { objects: [agent] })).toMatchObject({ status: 'unknown', missing: ['policies'] });
});
