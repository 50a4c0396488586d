import { expect, test } from 'vitest';
import { aFlow } from '#lib/testing/flows.ts';
import { observedOfFlow, shownVerdict } from './observed.ts';

test.each([
  ['a denial', aFlow({ verdict: 'DROPPED', dropReason: 'POLICY_DENIED', trafficDirection: 'EGRESS' }), true],
  ['an explicit denial', aFlow({ verdict: 'DROPPED', dropReason: 'POLICY_DENY', trafficDirection: 'INGRESS' }), true],
  ['an audit verdict', aFlow({ verdict: 'AUDIT', trafficDirection: 'INGRESS' }), true],
  ['a forwarded flow', aFlow({ verdict: 'FORWARDED', trafficDirection: 'INGRESS' }), false],
])('%s says what the policies did there', (_, flow, denied) => {
  expect(observedOfFlow(flow)).toMatchObject({ denied, direction: flow.trafficDirection.toLowerCase() });
});

test.each([
  ['a drop with another cause', aFlow({ verdict: 'DROPPED', dropReason: 'INVALID_SOURCE_IP', trafficDirection: 'EGRESS' })],
  ['a missing authentication', aFlow({ verdict: 'DROPPED', dropReason: 'AUTH_REQUIRED', trafficDirection: 'INGRESS' })],
  ['a reply', aFlow({ isReply: true, trafficDirection: 'INGRESS' })],
  ['a flow of no known direction', aFlow({ trafficDirection: 'TRAFFIC_DIRECTION_UNKNOWN' })],
])('%s says nothing about policy', (_, flow) => {
  expect(observedOfFlow(flow)).toBeUndefined();
});

test('a request that is refused is a denial where the connection is allowed', () => {
  expect(shownVerdict({ verdict: 'allowed', l7: 'denied' })).toBe('denied');
  expect(shownVerdict({ verdict: 'denied', l7: 'allowed' })).toBe('denied');
  expect(shownVerdict({ verdict: 'allowed' })).toBe('allowed');
});
