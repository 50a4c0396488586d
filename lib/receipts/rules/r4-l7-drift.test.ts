import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aDnsFlow, anHttpFlow } from '#lib/testing/flows.ts';
import { aRuleContext, aSample, closingLedger, type RulesCluster, SEEN_AT } from '#lib/testing/rules.ts';
import { l7Drift, requestText } from './r4-l7-drift.ts';

const ORDERS = { policies: [closingLedger('checkout-api', { http: [{ method: 'GET', path: '/v1/orders' }] })] };
const URL_ = 'http://ledger.payments:9090';
const found = (flow: Flow, cluster: RulesCluster = ORDERS, count = 2) =>
  l7Drift([aSample(flow, { count })], aRuleContext(cluster)).sightings;

describe('R4, L7 drift', () => {
  test('fires for a forwarded request that no rule matches, confirmed by the second', () => {
    expect(found(anHttpFlow('GET', `${URL_}/v1/orders/812/card-token?pan=1`))).toMatchObject([
      {
        severity: 'confirmed',
        about: { request: 'GET ledger.payments:9090/v1/orders/812/card-token', policies: ['cnp:payments/ledger'] },
      },
    ]);
    expect(found(anHttpFlow('DELETE', `${URL_}/v1/orders`), ORDERS, 1)).toMatchObject([{ severity: 'suspected' }]);
  });

  test('a path rule has to match the whole path', () =>
    expect(found(anHttpFlow('GET', `${URL_}/v1/orders/extra`))).toHaveLength(1));

  test.each<{ name: string; flow: Flow; cluster?: RulesCluster }>([
    { name: 'a request that a rule matches', flow: anHttpFlow('GET', `${URL_}/v1/orders`) },
    { name: 'an answer', flow: anHttpFlow('GET', `${URL_}/admin`, 200) },
    { name: 'an answer of the DNS proxy', flow: aDnsFlow('api.example.com.', 0) },
    { name: 'a request that was denied', flow: anHttpFlow('GET', `${URL_}/admin`, 0, { verdict: 'DROPPED' }) },
    {
      name: 'a redirect only for visibility',
      flow: anHttpFlow('GET', `${URL_}/admin`),
      cluster: { policies: [closingLedger('checkout-api', { http: [{}] })] },
    },
    {
      name: 'a port without rules for requests',
      flow: anHttpFlow('GET', `${URL_}/admin`),
      cluster: { policies: [closingLedger('checkout-api')] },
    },
    {
      name: 'a connection that is denied by now',
      flow: anHttpFlow('GET', `${URL_}/admin`),
      cluster: { policies: [closingLedger('fraud-scorer', { http: [{ path: '/x' }] })] },
    },
    {
      name: 'a request within the grace after a change',
      flow: anHttpFlow('GET', `${URL_}/admin`),
      cluster: { ...ORDERS, propagation: { changedAt: SEEN_AT - 29_000 } },
    },
  ])('does not fire for $name', ({ flow, cluster = ORDERS }) => expect(found(flow, cluster)).toEqual([]));

  test('a rule on headers, which no record holds, makes it unknown', () => {
    const headers = { policies: [closingLedger('checkout-api', { http: [{ path: '/v1/orders', headers: ['x-a: 1'] }] })] };
    const report = l7Drift([aSample(anHttpFlow('GET', `${URL_}/v1/orders`))], aRuleContext(headers));
    expect(report.sightings).toEqual([]);
    expect(report.notEvaluable[0]).toContain('2 requests could not be judged');
  });

  test('a request is told without its query', () =>
    expect(requestText(anHttpFlow('GET', `${URL_}/a?token=1`))).toBe('GET ledger.payments:9090/a'));
});
