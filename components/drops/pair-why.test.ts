import { expect, test } from 'vitest';
import type { DropPair } from '#lib/api/drops.ts';
import { clock } from '#components/ui/format.ts';
import { adviceFor, splitPolicy, whyPair } from './pair-why.ts';

const at = Date.UTC(2026, 2, 2, 13, 38);

const aPair = (overrides: Partial<DropPair> = {}): DropPair => ({
  key: 'gateway/web-bff->payments/payments-db:TCP/5432 POLICY_DENIED',
  source: 'gateway/web-bff',
  destination: 'payments/payments-db',
  protocol: 'TCP',
  port: 5432,
  reason: 'POLICY_DENIED',
  direction: 'EGRESS',
  count: 5012,
  before: 0,
  series: [],
  firstSeen: at,
  lastSeen: at,
  newlySeen: true,
  policies: [],
  nodes: [],
  flows: 5012,
  exampleUuid: '',
  ...overrides,
});

test('a default deny names no policy and says at which end no rule allows it', () => {
  const [point] = whyPair(aPair());
  expect(point).toMatchObject({ tone: 'denied', text: 'Egress at gateway/web-bff: no rule allows it' });
  expect(whyPair(aPair({ direction: 'INGRESS' }))[0]?.text).toBe('Ingress at payments/payments-db: no rule allows it');
});

test('a policy that Hubble named as denying is named', () => {
  const [point] = whyPair(aPair({ reason: 'POLICY_DENY', policies: ['CiliumNetworkPolicy:gateway/deny-egress-world'] }));
  expect(point).toEqual({
    tone: 'denied',
    text: 'Egress denied by',
    policy: 'gateway/deny-egress-world',
    detail: 'CiliumNetworkPolicy',
  });
});

test('a reason that is no policy matter is explained and gives no advice on allowing', () => {
  const pair = aPair({ reason: 'UNENCRYPTED_TRAFFIC' });
  expect(whyPair(pair).map(({ tone }) => tone)).toEqual(['note', 'note']);
  expect(adviceFor(pair, clock)).toBeUndefined();
});

test('a newly seen pair is to be questioned before it is allowed', () => {
  expect(adviceFor(aPair(), clock)).toContain('It began at 13:38. No flow of this pair and port got through.');
  expect(adviceFor(aPair({ flows: 5112 }), clock)).toContain('100 flows of this pair and port were not dropped');
  expect(adviceFor(aPair({ newlySeen: false }), clock)).toBeUndefined();
});

test('a policy without a kind keeps its name', () => {
  expect(splitPolicy('payments/ledger')).toEqual({ kind: '', name: 'payments/ledger' });
});
