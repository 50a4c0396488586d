import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { aNode, decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { upgrade } from './26-upgrade.ts';

const node = (kernelVersion: string, kubeletVersion: string) =>
  aNode('a', { status: { nodeInfo: { kernelVersion, kubeletVersion } } });
const fine = node('6.1.158-180.294.amzn2023.aarch64', 'v1.32.9-eks-113cf36');
const of = (version: string, target: string, given: Given = {}) =>
  decided(upgrade, { version, target, values: {}, policies: [], objects: [fine], ...given });

test('passes for the next minor version, and for a newer patch release', () => {
  expect(of('1.18.4', '1.19.5').status).toBe('pass');
  expect(of('1.19.0', '1.19.5').status).toBe('pass');
  expect(of('1.19.5', '1.19.5').status).toBe('pass');
});

test.each([
  ['1.16.9', '1.19.5', 'it skips 2 minor versions: only the step to 1.17 is tested'],
  ['1.19.0', '1.17.3', 'goes back by more than one'],
  ['1.19.0', '2.0.0', 'another major version'],
])('fails from %s to %s', (version, target, says) => {
  expect(told(of(version, target), 'fail').join()).toContain(says);
});

test('fails for options that are gone, in values and in cilium-config', () => {
  const values = { encryption: { strictMode: { enabled: true } } };
  expect(told(of('1.19.5', '1.20.1', { values }), 'fail')).toEqual([
    'values: encryption.strictMode.enabled: it is gone since 1.20, and ignored without a word',
  ]);
  expect(of('1.18.5', '1.19.5', { values }).status).toBe('pass');
  const config = { 'enable-node-port': 'true' };
  expect(told(of('1.18.5', '1.19.5', { config }), 'fail').join()).toContain('cilium-config: enable-node-port');
});

test('fails for rules whose parser is gone in 1.20', () => {
  const kafka = { toPorts: [{ ports: [{ port: '9092', protocol: 'TCP' }], rules: { kafka: [{ topic: 'orders' }] } }] };
  const policies = [aPolicy({ ingress: [kafka] })];
  expect(told(of('1.19.5', '1.20.1', { policies }), 'fail').join()).toContain('kafka rules are removed');
  expect(of('1.18.5', '1.19.5', { policies }).status).toBe('pass');
});

test.each([
  ['an old kernel', node('5.4.209-116.367.amzn2.x86_64', 'v1.32.9'), 'its kernel 5.4.209 is older than 5.10'],
  ['an old Kubernetes', node('6.1.158', 'v1.26.4'), 'Kubernetes 1.26 is outside 1.27 to 1.32'],
  ['a new Kubernetes', node('6.1.158', 'v1.34.1'), 'Kubernetes 1.34 is outside 1.27 to 1.32'],
])('fails for %s', (_, old, says) => {
  expect(told(of('1.18.4', '1.19.5', { objects: [old] }), 'fail').join()).toContain(says);
});

test('fails for a version with a known weakness, and tells of those that go', () => {
  expect(told(of('1.17.2', '1.18.3'), 'fail').join()).toContain('CVE-2025-64715: 1.18.3 has it');
  const outcome = of('1.17.2', '1.18.4');
  expect(outcome.status).toBe('pass');
  expect(told(outcome).join()).toContain('CVE-2025-32793: 1.17.2 has it, 1.18.4 no longer');
});

test('tells what changes on the way', () => {
  expect(told(of('1.18.4', '1.19.5')).join()).toContain('Cilium 1.19: selectors name endpoints of the local cluster only');
  expect(told(of('1.19.0', '1.19.5')).join()).not.toContain('Cilium 1.19:');
});

test('is unknown without versions, settings, policies or nodes, and for a version that is not known', () => {
  expect(decided(upgrade, {})).toMatchObject({ status: 'unknown', missing: ['version', 'target-version'] });
  expect(decided(upgrade, { version: '1.19.5', target: '1.20.1' })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'cilium-config', 'policies', 'nodes'],
  });
  expect(of('1.21.0', '1.22.0').status).toBe('unknown');
  expect(of(HOSTILE, HOSTILE)).toMatchObject({ status: 'unknown' });
});
