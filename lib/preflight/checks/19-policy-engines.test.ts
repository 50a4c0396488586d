import { expect, test } from 'vitest';
import { aNetworkPolicy, aWorld } from '#lib/testing/policies.ts';
import { aDaemonSet, anEnd, decided, type Given, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { policyEngines } from './19-policy-engines.ts';

const awsNode = (...args: string[]) =>
  aDaemonSet('aws-node', { containers: [{ name: 'aws-node' }, { name: 'aws-eks-nodeagent', args }] });
const cilium = aDaemonSet('cilium');
const onlyWeb = aNetworkPolicy({
  podSelector: { matchLabels: { app: 'db' } },
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
});
const of = (given: Given) => decided(policyEngines, { known: ['DaemonSet', 'PolicyEndpoint'], policies: [], ...given });

test('passes where Cilium alone enforces, and where there is nothing to enforce', () => {
  expect(of({ objects: [cilium, awsNode('--enable-network-policy=false')], policies: [onlyWeb] }).status).toBe('pass');
  expect(of({ objects: [awsNode()] }).status).toBe('pass');
});

test.each([
  ['VPC CNI’s agent', awsNode('--enable-network-policy=true'), 'The network policy agent of VPC CNI'],
  ['VPC CNI’s agent by a bare flag', awsNode('--enable-network-policy'), 'The network policy agent of VPC CNI'],
  ['Calico', aDaemonSet('calico-node'), 'Calico'],
])('fails where %s enforces too', (_, engine, says) => {
  expect(told(of({ objects: [engine, cilium] }), 'fail').join()).toContain(`${says} enforces policies beside Cilium`);
  expect(told(of({ objects: [engine] }), 'fail').join()).toContain('it has to stop when Cilium begins');
});

test('fails where the agent is off and what it made is left', () => {
  const left = {
    apiVersion: 'networking.k8s.aws/v1alpha1',
    kind: 'PolicyEndpoint',
    metadata: { name: 'db-x', namespace: 'shop' },
  };
  expect(told(of({ objects: [cilium, left] }), 'fail').join()).toContain('1 PolicyEndpoint of the switched-off agent is left');
});

test('fails where forgotten policies come into force with Cilium, and says what they would deny', () => {
  const outcome = of({
    objects: [awsNode()],
    policies: [onlyWeb],
    world: aWorld(),
    flows: trafficOf(
      someTraffic({
        source: anEnd('shop', 'cart', ['k8s:app=cart']),
        destination: anEnd('shop', 'db', ['k8s:app=db']),
        port: 5432,
      }),
      someTraffic({
        source: anEnd('shop', 'web', ['k8s:app=web']),
        destination: anEnd('shop', 'db', ['k8s:app=db']),
        port: 5432,
      }),
    ),
  });
  expect(told(outcome, 'fail')).toEqual([
    'NetworkPolicy shop/k: nobody enforces it today: it comes into force on the day Cilium does',
    'shop/cart → shop/db TCP/5432: these policies would deny it: it was seen 10 times',
  ]);
});

test('passes where all traffic seen is allowed by policies that nobody enforces yet', () => {
  const flows = trafficOf(
    someTraffic({ source: anEnd('shop', 'web', ['k8s:app=web']), destination: anEnd('shop', 'db', ['k8s:app=db']) }),
  );
  expect(of({ objects: [awsNode()], policies: [onlyWeb], world: aWorld(), flows }).status).toBe('pass');
});

test('is unknown without DaemonSets, PolicyEndpoints, or policies that may be forgotten', () => {
  expect(decided(policyEngines, {})).toMatchObject({ status: 'unknown', missing: ['daemonsets'] });
  expect(decided(policyEngines, { known: ['DaemonSet'] })).toMatchObject({
    status: 'unknown',
    missing: ['policy-endpoints', 'policies'],
  });
});

test('is not taken in by names', () => {
  const policies = [{ ...onlyWeb, metadata: { name: HOSTILE, namespace: HOSTILE } }];
  expect(told(of({ objects: [awsNode(HOSTILE)], policies }), 'fail').join()).toContain(HOSTILE);
});
