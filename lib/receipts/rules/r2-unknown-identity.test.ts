import { describe, expect, test } from 'vitest';
import type { Endpoint, Flow } from '#lib/flow/flow.ts';
import { anEndpoint, host, world } from '#lib/testing/flows.ts';
import { aRuleContext, aVerdict, podObjects, type RulesCluster, SEEN_AT } from '#lib/testing/rules.ts';
import { type EndSample, unknownIdentities } from './r2-unknown-identity.ts';

const ends = (flow: Flow, side: EndSample['side'] = 'source'): EndSample[] => [
  { flow, side, count: 1, first: flow.time, last: flow.time },
];
const from = (overrides: Partial<Endpoint>, ip = '10.0.9.9'): Flow =>
  aVerdict({
    source: anEndpoint(overrides),
    ip: { source: ip, destination: '10.0.2.40', sourceXlated: '', version: 4, encrypted: false },
  });
const found = (flow: Flow, cluster: RulesCluster = {}, side: EndSample['side'] = 'source') =>
  unknownIdentities(ends(flow, side), aRuleContext(cluster)).sightings;

describe('R2, an identity the cluster does not have', () => {
  test('fires for a number of the cluster’s range that no CiliumIdentity has', () =>
    expect(found(from({ identity: 60_417, podName: '' }))).toMatchObject([
      {
        severity: 'confirmed',
        subject: 'identity 60417 in payments',
        reasons: [
          'No CiliumIdentity has the number 60417, and none that had it was deleted within the last hour.',
          'No pod of the cluster has its address 10.0.9.9.',
          'Seen as the source of 1 flow, with payments/ledger at the other end.',
        ],
      },
    ]));

  test.each([
    { name: 'a reserved identity', flow: aVerdict({ source: host }) },
    { name: 'the world', flow: aVerdict({ source: world }) },
    { name: 'an identity that an agent made for an address', flow: from({ identity: 16_777_304, podName: '' }) },
    { name: 'an identity of another cluster of a mesh', flow: from({ identity: (3 << 16) + 7, podName: '' }) },
    { name: 'an identity that is there', flow: from({}, '10.0.4.33') },
  ])('does not fire for $name', ({ flow }) => expect(found(flow)).toEqual([]));

  test('says that it cannot tell where CiliumIdentity objects are not known', () => {
    const context = aRuleContext({ unreadable: ['CiliumIdentity'] });
    const report = unknownIdentities(ends(from({ identity: 60_417, podName: '' })), context);
    expect(report.sightings).toEqual([]);
    expect(report.notEvaluable[0]).toContain('CiliumIdentity objects cannot be read');
  });
});

describe('R2, a flow and the endpoint of its address disagree', () => {
  test('fires for another identity, suspected at first and confirmed when it lasts', () => {
    const other = podObjects(anEndpoint({ identity: 500, podName: 'x-1', labels: ['k8s:app=x'] }), '10.0.7.7', 'ip-10-20-2-11');
    const flow = from({ identity: 500 }, '10.0.4.33');
    const [first] = found(flow, { objects: other });
    expect(first).toMatchObject({ severity: 'suspected', subject: 'pod payments/checkout-api-7d9f6c5b8-qgjtc' });
    expect(first?.reasons[0]).toBe('The flow says identity 500, its CiliumEndpoint says 24110.');
    expect(found(flow, { objects: other, seenBefore: [`R2 ${first?.key}`] })).toMatchObject([{ severity: 'confirmed' }]);
  });

  test('fires for another namespace, another pod, and labels that the identity does not have', () => {
    expect(found(from({ namespace: 'shop' }, '10.0.4.33'))[0]?.reasons[0]).toContain('The flow says shop/checkout-api');
    expect(found(from({ podName: '', namespace: 'shop' }, '10.0.4.33'))[0]?.reasons[0]).toContain('namespace shop');
    expect(found(from({ labels: ['k8s:app=root'] }, '10.0.4.33'))[0]?.reasons[0]).toContain('k8s:app=root');
  });

  test('does not fire for a pod, or an identity, that is younger than 60 s', () => {
    const young = new Date(SEEN_AT - 59_000).toISOString();
    const objects = podObjects(
      anEndpoint({ podName: 'new-1', identity: 700, labels: ['k8s:app=new'] }),
      '10.0.8.8',
      'ip-10-20-2-11',
      false,
      young,
    );
    expect(found(from({}, '10.0.8.8'), { objects })).toEqual([]);
    const identity = (createdAt: string) => ({
      kind: 'CiliumIdentity',
      apiVersion: 'cilium.io/v2',
      metadata: { name: '24110', creationTimestamp: createdAt },
      'security-labels': {},
    });
    expect(found(from({ identity: 500 }, '10.0.4.33'), { objects: [identity(young)] })).toMatchObject([
      { severity: 'confirmed' },
    ]);
    const both = [identity(young), { ...identity(young), metadata: { name: '500', creationTimestamp: '2026-03-01T00:00:00Z' } }];
    expect(found(from({ identity: 500 }, '10.0.4.33'), { objects: both })).toEqual([]);
    const settled = podObjects(
      anEndpoint({ podName: 'new-1', identity: 700, labels: ['k8s:app=new'] }),
      '10.0.8.8',
      'ip-10-20-2-11',
    );
    expect(found(from({}, '10.0.8.8'), { objects: settled })).toHaveLength(1);
  });
});

describe('R2, a pod seen on a node that does not run it', () => {
  test('fires where a node reports a pod of another node as its own', () => {
    const flow = aVerdict({ nodeName: 'aegis-production/ip-10-20-2-12' });
    const [first] = found(flow, {}, 'destination');
    expect(first).toMatchObject({ severity: 'suspected', title: 'A pod seen on a node that does not run it' });
    expect(first?.reasons[0]).toContain('the pod runs on ip-10-20-2-11');
    expect(found(flow, { seenBefore: [`R2 ${first?.key}`] }, 'destination')).toMatchObject([{ severity: 'confirmed' }]);
  });

  test.each([
    { name: 'the other end of a flow', flow: aVerdict(), side: 'source' as const },
    { name: 'a node that is none of the cluster', flow: aVerdict({ nodeName: 'elsewhere/n1' }), side: 'destination' as const },
    { name: 'its own node', flow: aVerdict(), side: 'destination' as const },
  ])('does not fire for $name', ({ flow, side }) => expect(found(flow, {}, side)).toEqual([]));
});
