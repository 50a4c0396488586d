import { expect, test } from 'vitest';
import type { PolicyRef } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint, ledger, world } from '#lib/testing/flows.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { endOf, namedPolicies, tupleKeyOf } from './tuple.ts';

const named = (kind: string, namespace: string, name: string): PolicyRef => ({ kind, namespace, name, revision: 1, labels: [] });
const { inventory } = factsOf([
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'toolbox-0', namespace: 'payments' },
    status: { podIP: '10.0.0.1' },
  },
]);

test('policies that a verdict names are those of its direction, sorted, without the agent’s own and unknown kinds', () => {
  const flow = aFlow({
    ingressAllowedBy: [
      named('NetworkPolicy', 'payments', 'db'),
      named('CiliumNetworkPolicy', 'payments', 'db'),
      named('CiliumClusterwideNetworkPolicy', '', 'base'),
      named('', '', 'allow-any'),
      named('', '', ''),
      named('ClusterNetworkPolicy', '', 'tier'),
    ],
    ingressDeniedBy: [named('CiliumNetworkPolicy', 'payments', 'db')],
    egressAllowedBy: [named('CiliumNetworkPolicy', 'payments', 'other')],
  });
  expect(namedPolicies(flow)).toEqual(['ccnp:base', 'cnp:payments/db', 'knp:payments/db']);
  expect(namedPolicies({ ...flow, trafficDirection: 'EGRESS' })).toEqual(['cnp:payments/other']);
});

test.each([
  ['by the flow', ledger, { identity: 24587, namespace: 'payments', workload: 'ledger' }],
  [
    'by the cluster’s objects',
    anEndpoint({ podName: 'toolbox-0', workload: undefined }),
    { identity: 24110, namespace: 'payments', workload: 'toolbox-0' },
  ],
  [
    'by the pod’s name',
    anEndpoint({ podName: 'db-0', workload: undefined }),
    { identity: 24110, namespace: 'payments', workload: 'db' },
  ],
  ['without a pod by its labels', world, { identity: 2, labels: ['reserved:world'] }],
  [
    'of a namespace without a pod by both',
    anEndpoint({ podName: '', workload: undefined, labels: ['k8s:a=b'] }),
    { identity: 24110, namespace: 'payments', labels: ['k8s:a=b'] },
  ],
])('an end is named %s', (_, source, end) => expect(endOf(aFlow({ source }), 'source', inventory)).toEqual(end));

test('what was observed tells authentication of verdicts only', () => {
  const observed = (eventType: number) => {
    const key = tupleKeyOf(aFlow({ authType: 'SPIRE', eventType: { type: eventType, subType: 0 } }), inventory);
    return typeof key === 'string' ? key : key.observed;
  };
  expect(observed(5)).toEqual({ verdict: 'FORWARDED', auth: 'SPIRE' });
  expect(observed(4)).toEqual({ verdict: 'FORWARDED' });
});
