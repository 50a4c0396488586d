import { expect, test } from 'vitest';
import type { AgentStatus, CiliumStatus } from '#lib/preflight/inputs.ts';
import { anEnd, decided, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { wireGuardMtu } from './05-wireguard-mtu.ts';

const encryption = { enabled: true, type: 'wireguard' };
const chained = { encryption, cni: { chainingMode: 'aws-cni', enableRouteMTUForCNIChaining: true } };
const agents = (...mtus: readonly number[]): CiliumStatus => ({
  images: [],
  workloads: [],
  errors: [],
  collectionErrors: [],
  agents: mtus.map((mtu, at): AgentStatus => ({
    pod: `cilium-${at}`,
    kubeProxyReplacement: '',
    encryptionMode: 'Wireguard',
    nodeEncryption: '',
    hostRouting: '',
    chainingMode: '',
    mtu,
    unreachable: [],
    health: '',
    version: '',
  })),
});

test('passes where routes of chained pods make room, where nothing is chained, and where WireGuard is off', () => {
  expect(decided(wireGuardMtu, { values: chained })).toMatchObject({ status: 'pass', missing: [] });
  expect(decided(wireGuardMtu, { values: { encryption } }).status).toBe('pass');
  expect(decided(wireGuardMtu, { values: { cni: { chainingMode: 'aws-cni' } } }).status).toBe('pass');
  expect(
    decided(wireGuardMtu, {
      config: { 'enable-wireguard': 'true', 'cni-chaining-mode': 'aws-cni', 'enable-route-mtu-for-cni-chaining': 'true' },
    }).status,
  ).toBe('pass');
});

test('fails where Cilium is chained and does not set the MTU of routes', () => {
  const outcome = decided(wireGuardMtu, { values: { encryption, cni: { chainingMode: 'aws-cni' } } });
  expect(told(outcome, 'fail')).toEqual([
    'values: cni.enableRouteMTUForCNIChaining: it is not set while Cilium is chained and WireGuard on: pods send packets that do not fit',
  ]);
  const config = decided(wireGuardMtu, { config: { 'enable-wireguard': 'true', 'cni-chaining-mode': 'aws-cni' } });
  expect(told(config, 'fail')[0]).toContain('cilium-config: enable-route-mtu-for-cni-chaining: ');
});

test('fails where a fixed MTU is larger than that of an agent, and where nodes differ', () => {
  const fixed = { ...chained, MTU: 9001 };
  expect(decided(wireGuardMtu, { values: fixed, status: agents(9001, 9001) }).status).toBe('pass');
  expect(told(decided(wireGuardMtu, { values: fixed, status: agents(9001, 1500) }), 'fail')).toEqual([
    'values: MTU: it is fixed at 9001, and an agent has 1500: packets of more are lost there',
    'cilium status: nodes differ in their MTU: 9001 on 1 node, 1500 on 1 node',
  ]);
});

test.each(['MISSING_TCP_ACK_FLAG', 'FRAG_NEEDED', 'FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND'])(
  'fails where flows are dropped: %s',
  (dropReason) => {
    const flows = trafficOf(someTraffic({ dropReason, verdict: 'DROPPED', source: anEnd('__proto__', HOSTILE) }));
    expect(told(decided(wireGuardMtu, { values: chained, flows }), 'fail')[0]).toContain(
      `10 flows dropped as too large or as fragments (${dropReason})`,
    );
  },
);

test('is unknown without settings, and with a fixed MTU of which nobody knows whether it fits', () => {
  expect(decided(wireGuardMtu, {})).toEqual({ status: 'unknown', findings: [], missing: ['values', 'cilium-config'] });
  expect(decided(wireGuardMtu, { values: { ...chained, MTU: 9001 } })).toMatchObject({
    status: 'unknown',
    missing: ['cilium-status'],
  });
});
