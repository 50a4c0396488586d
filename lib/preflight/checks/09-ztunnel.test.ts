import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { anEnd, decided, type Given, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { ztunnel } from './09-ztunnel.ts';

const namespace = (name: string, enrolled = true): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: enrolled ? { 'io.cilium/mtls-enabled': 'true' } : {} },
});
const values = { encryption: { enabled: true, type: 'ztunnel' } };
const open = aPolicy({ ingress: [{ fromEndpoints: [{}] }] });
const ports = (port: string) =>
  aPolicy({ ingress: [{ fromEndpoints: [{}], toPorts: [{ ports: [{ port, protocol: 'TCP' }] }] }] });
const of = (given: Given) =>
  decided(ztunnel, {
    values,
    version: '1.19.5',
    policies: [open],
    objects: [namespace('shop')],
    flows: trafficOf(someTraffic({ port: 15_008 })),
    ...given,
  });

test('passes where both sides are enrolled and policies do not ask for ports', () => {
  const outcome = of({});
  expect(outcome).toMatchObject({ status: 'pass', missing: [] });
  expect(told(outcome).join()).toContain('10 flows through port 15008');
});

test('passes where it is not in use', () => {
  expect(decided(ztunnel, { values: {} })).toMatchObject({ status: 'pass' });
  expect(decided(ztunnel, { config: { 'enable-wireguard': 'true' } }).status).toBe('pass');
});

test.each([
  ['a version without it', { version: '1.18.3' }, 'Cilium 1.18: it has no ztunnel'],
  ['a target without it', { target: '1.18.3' }, 'Cilium 1.18: it has no ztunnel'],
  ['Cluster Mesh', { values: { ...values, clustermesh: { useAPIServer: true } } }, 'Cluster Mesh is on'],
  ['rules for ports', { policies: [ports('8080')] }, 'CiliumNetworkPolicy shop/p: its rule for ports (spec.ingress[0])'],
  ['UDP', { flows: trafficOf(someTraffic({ protocol: 'UDP', port: 53 })) }, '10 flows of UDP between enrolled pods stay plain'],
  [
    'one side outside',
    { flows: trafficOf(someTraffic({ source: anEnd(HOSTILE, '__proto__') })) },
    'one side is enrolled and the other is not',
  ],
  ['nobody enrolled', { objects: [namespace('shop', false)] }, 'no namespace is enrolled'],
  ['enrolment without ztunnel', { values: {} }, 'Namespace shop: it is enrolled, and ztunnel is off'],
])('fails with %s', (_, given, message) => {
  const outcome = of(given);
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(message);
});

test('does not mind ports of pods that are not enrolled, nor rules that hold the tunnel’s port', () => {
  expect(of({ policies: [ports('15008')] }).status).toBe('pass');
  expect(of({ objects: [namespace('other')], policies: [ports('8080')], flows: trafficOf(someTraffic()) }).status).toBe('pass');
});

test('is unknown without what it reads', () => {
  expect(decided(ztunnel, {})).toEqual({ status: 'unknown', findings: [], missing: ['values', 'cilium-config', 'namespaces'] });
  expect(decided(ztunnel, { values })).toEqual({ status: 'unknown', findings: [], missing: ['namespaces'] });
  expect(decided(ztunnel, { values, objects: [namespace(HOSTILE)] })).toMatchObject({
    status: 'unknown',
    missing: ['version', 'policies', 'flows'],
  });
  const config = { 'enable-ztunnel': 'true', 'cluster-id': '3' };
  expect(
    decided(ztunnel, { config, version: '1.19.0', policies: [], objects: [namespace('shop')], flows: trafficOf() }),
  ).toMatchObject({ status: 'unknown', missing: ['values'] });
});
