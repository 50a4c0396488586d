import { expect, test } from 'vitest';
import { aNode, anEnd, decided, type Given, HOSTILE, outside, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { encryptionCoverage } from './07-encryption-coverage.ts';

const values = { encryption: { enabled: true, type: 'wireguard' } };
const encrypted = someTraffic({ encryption: 'encrypted' });
const plain = someTraffic({ encryption: 'plaintext', flows: 3 });
const of = (given: Given) => decided(encryptionCoverage, { values, flows: trafficOf(encrypted), ...given });

test('passes where all that goes between pods of different nodes is encrypted', () => {
  const outcome = of({
    flows: trafficOf(
      encrypted,
      someTraffic({ encryption: 'sameNode', flows: 7 }),
      someTraffic({ encryption: 'host', destination: outside('entity:host'), flows: 5 }),
      someTraffic({ encryption: 'notEvaluable', flows: 2 }),
      someTraffic({ encryption: 'plaintext', destination: outside('cidr:203.0.113.0/24'), flows: 100 }),
    ),
  });
  expect(outcome).toMatchObject({ status: 'pass', missing: [] });
  expect(told(outcome)[0]).toBe('flows: encrypted 10, should have been 0, plain by design 5, cannot be told 2; within a node 7');
});

test('fails with each connection between pods that is plain', () => {
  const outcome = of({
    flows: trafficOf(encrypted, plain, someTraffic({ encryption: 'plaintext', source: anEnd('__proto__', HOSTILE) })),
  });
  expect(told(outcome, 'fail')).toEqual([
    'shop/web → shop/cart TCP/8080: 3 flows between nodes in plain text that should have been encrypted',
    `__proto__/${HOSTILE} → shop/cart TCP/8080: 10 flows between nodes in plain text that should have been encrypted`,
  ]);
});

test('takes what goes to nodes for plain by design only while node encryption is off', () => {
  const toNode = someTraffic({ encryption: 'plaintext', destination: outside('entity:remote-node') });
  expect(of({ flows: trafficOf(encrypted, toNode) }).status).toBe('pass');
  const nodeEncryption = { encryption: { ...values.encryption, nodeEncryption: true } };
  expect(of({ values: nodeEncryption, flows: trafficOf(encrypted, toNode) }).status).toBe('fail');
});

test('tells nodes that a label takes out of node encryption, and what forwards packets as they are', () => {
  const outcome = of({
    values: { encryption: { ...values.encryption, nodeEncryption: true }, loadBalancer: { mode: 'dsr', acceleration: 'native' } },
    objects: [aNode('cp', { labels: { 'node-role.kubernetes.io/control-plane': '' } }), aNode('a')],
  });
  expect(told(outcome).filter((text) => /^(Node|values)/.test(text))).toEqual([
    'Node cp: a label takes it out of node encryption: what it sends to other nodes is plain',
    'values: loadBalancer.acceleration: XDP forwards packets to services from outside before they could be encrypted',
    'values: loadBalancer.mode: with dsr a node forwards packets from outside to another node as they are',
  ]);
});

test('fails where encryption is off, or a node does not encrypt', () => {
  expect(of({ values: {} }).status).toBe('fail');
  expect(told(of({ encryption: { nodes: 6, disabled: 1, wireGuard: 5, ipsec: 0, details: [] } }), 'fail')).toEqual([
    'cilium encryption status: 1 node of 6 do not encrypt',
  ]);
});

test('is unknown without settings, without traffic, and where traffic proves nothing', () => {
  expect(decided(encryptionCoverage, {})).toEqual({ status: 'unknown', findings: [], missing: ['values', 'cilium-config'] });
  expect(decided(encryptionCoverage, { values })).toMatchObject({ status: 'unknown', missing: ['flows'] });
  expect(of({ flows: trafficOf(someTraffic({ encryption: 'notEvaluable' }), someTraffic()) })).toMatchObject({
    status: 'unknown',
    missing: ['flows'],
  });
});
