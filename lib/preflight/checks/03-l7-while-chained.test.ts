import { expect, test } from 'vitest';
import { aPolicy } from '#lib/testing/policies.ts';
import { decided, type Given, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { l7WhileChained } from './03-l7-while-chained.ts';

const chained = { cni: { chainingMode: 'aws-cni' } };
const plain = aPolicy({ egress: [{ toEndpoints: [{}], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }] });
const ports = [{ port: '80', protocol: 'TCP' }];
const http = aPolicy({ ingress: [{ toPorts: [{ ports, rules: { http: [{ path: '/' }] } }] }] });
const of = (given: Given) => decided(l7WhileChained, { values: chained, ...given });

test('passes where policies are for addresses and ports only, or nothing is chained', () => {
  expect(of({ policies: [plain] })).toMatchObject({ status: 'pass', missing: [] });
  expect(of({ policies: [http], values: {} }).status).toBe('pass');
  expect(decided(l7WhileChained, { config: { 'cni-chaining-mode': 'none' } }).status).toBe('pass');
});

test.each([
  ['HTTP rules', { ingress: [{ toPorts: [{ ports, rules: { http: [{ path: '/' }] } }] }] }, 'rules is not possible'],
  ['names', { egress: [{ toFQDNs: [{ matchName: 'a.example' }] }] }, 'names cannot be allowed'],
  ['server names', { egress: [{ toPorts: [{ ports, serverNames: ['a.example'] }] }] }, 'serverNames is not possible'],
  [
    'a listener',
    { egress: [{ toPorts: [{ ports, listener: { name: 'x', envoyConfig: { kind: 'CiliumEnvoyConfig', name: 'x' } } }] }] },
    'listener is not possible',
  ],
])('fails with %s', (_, spec, message) => {
  const outcome = of({ policies: [aPolicy(spec)] });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail')[0]).toContain(message);
});

test('repeats what the agents say of a policy that they refuse', () => {
  const status = { conditions: [{ type: 'Valid', status: 'False', message: 'L7 is not supported' }] };
  expect(told(of({ policies: [{ ...http, status }] }), 'fail')[0]).toContain('the agents refuse it: L7 is not supported');
});

test('says whether requests are seen', () => {
  expect(told(of({ policies: [http], flows: trafficOf(someTraffic()) })).join()).toContain('no request among them');
  expect(told(of({ policies: [http], flows: trafficOf(someTraffic({ l7: 'http' })) })).join()).toContain('requests are seen');
});

test('is unknown without the mode or without policies', () => {
  expect(decided(l7WhileChained, { policies: [http] })).toEqual({
    status: 'unknown',
    findings: [],
    missing: ['values', 'cilium-config'],
  });
  expect(of({})).toEqual({ status: 'unknown', findings: [], missing: ['policies'] });
});

test('judges policies of any name', () => {
  const hostile = { ...http, metadata: { name: HOSTILE, namespace: '__proto__' } };
  expect(told(of({ policies: [hostile] }), 'fail')[0]).toContain(`CiliumNetworkPolicy __proto__/${HOSTILE}`);
});
