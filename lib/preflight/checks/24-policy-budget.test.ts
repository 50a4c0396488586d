import { expect, test } from 'vitest';
import { aPod, aPolicy, aWorld } from '#lib/testing/policies.ts';
import { decided, type Given, told } from '#lib/testing/preflight.ts';
import { policyBudget } from './24-policy-budget.ts';

const many = aWorld({
  endpoints: [
    aPod('db', 'shop'),
    ...Array.from({ length: 1000 }, (_, i) => aPod(`web-${i}`, 'shop', { labels: { app: 'web', n: String(i) } })),
  ],
});
const fromWeb = aPolicy({ ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] });
const identity = (number: number, labels: object = {}) => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumIdentity',
  metadata: { name: String(number) },
  'security-labels': labels,
});
const of = (policyMapMax: number, given: Given = {}) =>
  decided(policyBudget, {
    world: many,
    policies: [fromWeb],
    values: { bpf: { policyMapMax } },
    known: ['CiliumIdentity'],
    ...given,
  });

test('passes where maps and identities have room', () => {
  const outcome = of(16_384);
  expect(outcome.status).toBe('pass');
  expect(told(outcome).join()).toContain('no pod needs half of its 16,384 entries');
});

test('fails at nine tenths, and tells from half on', () => {
  expect(told(of(1100), 'fail').join()).toContain('about 1,000 of 1,100 entries');
  const half = of(1500);
  expect(half.status).toBe('pass');
  expect(told(half).join()).toContain('about 1,000 of 1,500 entries');
});

test.each([[-1], [0], [255]])('fails for maps of %s entries: agents do not start', (max) => {
  expect(told(of(max), 'fail').join()).toContain('agents do not start with less than 256');
});

test('fails where identities run out', () => {
  const objects = Array.from({ length: 59_000 }, (_, i) => identity(256 + i));
  expect(told(of(16_384, { objects }), 'fail').join()).toContain('59,000 identities of 65,279');
});

test('names labels that make an identity for each run', () => {
  const objects = Array.from({ length: 20 }, (_, i) => identity(1000 + i, { 'k8s:job-name': `run-${i}`, 'k8s:app': 'x' }));
  expect(told(of(16_384, { objects })).join()).toContain('label k8s:job-name: it makes an identity for each of 20 values');
});

test('is unknown without policies, pods, settings or identities', () => {
  expect(decided(policyBudget, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(decided(policyBudget, { policies: [fromWeb] })).toMatchObject({ status: 'unknown', missing: ['pods'] });
  expect(decided(policyBudget, { policies: [fromWeb], world: many })).toMatchObject({
    status: 'unknown',
    missing: ['values', 'cilium-config'],
  });
  expect(of(16_384, { known: [] })).toMatchObject({ status: 'unknown', missing: ['identities'] });
});
