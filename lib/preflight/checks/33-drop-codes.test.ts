import { expect, test } from 'vitest';
import { decided, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { dropCodes } from './33-drop-codes.ts';

const dropped = (dropReason: string, flows: number) => someTraffic({ verdict: 'DROPPED', dropReason, flows });

test('keeps what a rule denies apart from what nothing allows', () => {
  const outcome = decided(dropCodes, {
    flows: trafficOf(dropped('POLICY_DENIED', 7), dropped('POLICY_DENY', 2), dropped('CT_MAP_INSERTION_FAILED', 5)),
  });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toEqual([
    'POLICY_DENIED: 7 flows denied by default: no rule allows it; most of them shop/web → shop/cart TCP/8080',
    'POLICY_DENY: 2 flows denied by a deny rule; most of them shop/web → shop/cart TCP/8080',
  ]);
});

test('is unknown without traffic', () => {
  expect(decided(dropCodes, {})).toMatchObject({ status: 'unknown', missing: ['flows'] });
});
