import { expect, test } from 'vitest';
import type { PolicyRef } from '#lib/flow/flow.ts';
import { aDroppedFlow, aFlow, anHttpFlow } from '#lib/testing/flows.ts';
import { whyOf } from './flow-why.ts';

const policy = (overrides: Partial<PolicyRef> = {}): PolicyRef => ({
  name: 'ledger-from-checkout',
  namespace: 'payments',
  kind: 'CiliumNetworkPolicy',
  revision: 12,
  labels: [],
  ...overrides,
});

test('a default deny says that no policy is named, and at which end', () => {
  const why = whyOf(aDroppedFlow({ dropReason: 'POLICY_DENIED', trafficDirection: 'INGRESS' }));
  expect(why.headline).toBe('Ingress at ledger: no rule allows it.');
  expect(why.points[0]).toMatchObject({ tone: 'denied', text: 'No policy named: default deny' });
  expect(why.points[0]?.detail).toContain('payments/ledger');
});

test('a deny rule is named with its kind and revision', () => {
  const why = whyOf(aDroppedFlow({ dropReason: 'POLICY_DENY', trafficDirection: 'EGRESS', egressDeniedBy: [policy()] }));
  expect(why.headline).toBe('Egress at checkout-api denied by policy.');
  expect(why.points[0]).toEqual({
    tone: 'denied',
    text: 'Egress denied by',
    policy: 'payments/ledger-from-checkout',
    detail: 'CiliumNetworkPolicy, revision 12',
  });
});

test('a reason that is no policy matter blames no policy and says where to look', () => {
  const why = whyOf(aDroppedFlow({ dropReason: 'CT_MAP_INSERTION_FAILED' }));
  expect(why.headline).toContain('no policy decided this');
  expect(why.points.map(({ text }) => text)).toContain('Where to look');
  expect(why.points.every(({ tone }) => tone === 'note')).toBe(true);
});

test('a request that the L7 proxy denied is explained, though Hubble gives no reason', () => {
  const why = whyOf(anHttpFlow('GET', '/admin', 0, { verdict: 'DROPPED' }));
  expect(why.headline).toBe('Denied by the L7 proxy.');
});

test('audit is what would have been denied', () => {
  const why = whyOf(aFlow({ verdict: 'AUDIT', ingressDeniedBy: [policy()] }));
  expect(why.headline).toContain('would have denied');
  expect(why.points[0]).toMatchObject({ tone: 'audited', text: 'Ingress denied by' });
});

test('a forwarded flow names what allowed it, and a trace event without names claims nothing', () => {
  expect(whyOf(aFlow({ ingressAllowedBy: [policy({ namespace: '' })] })).points).toMatchObject([
    { tone: 'allowed', policy: 'ledger-from-checkout' },
  ]);
  expect(whyOf(aFlow()).points).toMatchObject([{ tone: 'note', text: 'No policy named' }]);
});
