import { expect, test } from 'vitest';
import { aPolicy, aWorld } from '#lib/testing/policies.ts';
import { decided, type Given, HOSTILE, someTraffic, told, trafficOf } from '#lib/testing/preflight.ts';
import { auditMode } from './29-audit-mode.ts';

const ON = { 'policy-audit-mode': 'true' };
const simple = aPolicy({ ingress: [{ fromEndpoints: [{}] }] });
const http = aPolicy(
  { ingress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }] }] },
  'web',
);
const endpoint = (state: string, name = 'db') => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumEndpoint',
  metadata: { name, namespace: 'shop' },
  status: { policy: { ingress: { state, enforcing: true } } },
});
const audited = trafficOf(someTraffic({ verdict: 'AUDIT' }));
const of = (given: Given) => decided(auditMode, { known: ['CiliumEndpoint'], world: aWorld(), policies: [simple], ...given });

test('passes where it is off, and where it is on and has been seen to work', () => {
  expect(of({ config: { 'policy-audit-mode': 'false' } }).status).toBe('pass');
  const on = of({ config: ON, flows: audited });
  expect(on.status).toBe('pass');
  expect(told(on)).toEqual([
    'pods: 4 pods of 5 are closed by no policy: audit mode says nothing of them',
    'flows: 10 AUDIT flows seen: audit mode works',
  ]);
});

test('fails where policies have L7 rules: those are enforced all the same', () => {
  expect(told(of({ config: ON, policies: [http], flows: audited }), 'fail').join()).toContain('refused in audit mode too');
});

test('fails where it was set on one endpoint alone', () => {
  const config = { 'policy-audit-mode': 'false' };
  expect(told(of({ config, objects: [endpoint('audit', HOSTILE)] }), 'fail').join()).toContain('gone when its agent restarts');
  expect(of({ config, objects: [endpoint('enforcing')] }).status).toBe('pass');
});

test('silence is not taken for good news', () => {
  expect(of({ config: ON, flows: trafficOf(someTraffic()) })).toMatchObject({ status: 'unknown' });
});

test('is unknown without settings, endpoints or traffic', () => {
  expect(decided(auditMode, {})).toMatchObject({ status: 'unknown', missing: ['cilium-config', 'values'] });
  expect(decided(auditMode, { config: ON })).toMatchObject({ status: 'unknown', missing: ['endpoints'] });
  expect(of({ config: ON })).toMatchObject({ status: 'unknown', missing: ['flows'] });
});
