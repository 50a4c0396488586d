import { expect, test } from 'vitest';
import type { RelayFacts } from '../inputs.ts';
import { aPolicy } from '#lib/testing/policies.ts';
import { decided, type Given, told } from '#lib/testing/preflight.ts';
import { hubbleTrust } from './25-hubble-trust.ts';

const relay: RelayFacts = { connected: 4, expected: 4, missing: [], lost: 0, rate: 100, horizonMs: 20 * 60_000 };
const hubble = (more: object = {}) => ({ hubble: { tls: { auto: { method: 'cronJob' } }, redact: { enabled: true }, ...more } });
const http = aPolicy({
  ingress: [{ toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }], rules: { http: [{ method: 'GET' }] } }] }],
});
const of = (given: Given = {}) => decided(hubbleTrust, { relay, values: hubble(), policies: [], ...given });

test('passes where certificates renew, credentials are redacted and every node reports', () => {
  expect(of()).toMatchObject({ status: 'pass', missing: [] });
});

test.each([
  ['certificates are made by Helm', { values: hubble({ tls: { auto: { method: 'helm' } } }) }, 'expire after a year unseen'],
  ['the method is the chart’s default', { values: { hubble: { redact: { enabled: true } } } }, 'it is helm'],
  ['TLS is off', { values: hubble({ tls: { enabled: false } }) }, 'without TLS'],
  ['Hubble is off', { values: { hubble: { enabled: false } } }, 'Hubble is off'],
  [
    'a node does not report',
    { relay: { ...relay, connected: 3, missing: ['ip-10-20-3-11'] } },
    '3 of 4 nodes report: ip-10-20-3-11 does not',
  ],
  ['agents forget within seconds', { relay: { ...relay, horizonMs: 12_000 } }, 'agents remember 12 s of flows'],
  ['many events are lost', { relay: { ...relay, lost: 90_000 } }, '20 %'],
  [
    'credentials stand in flows',
    { values: hubble({ redact: { enabled: false } }), policies: [http] },
    'Authorization and Cookie headers',
  ],
] satisfies [string, Given, string][])('fails where %s', (_, given, says) => {
  const outcome = of(given);
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(says);
});

test('headers are no matter while no rule looks at them', () => {
  expect(of({ values: hubble({ redact: { enabled: false } }) }).status).toBe('pass');
});

test('a buffer that is 100 % full is told as one that overwrites, not as healthy', () => {
  const { horizonMs: _, ...rest } = relay;
  const full = of({ relay: { ...rest, heldFlows: 4095, mostFlows: 4095, rate: 1000 } });
  expect(told(full, 'fail')).toEqual(['relay: agents remember 4 s of flows, and overwrite the oldest']);
});

test('takes few lost events as what they are, by the messages in the stream', () => {
  const outcome = of({ relay: { ...relay, lost: 100 } });
  expect(outcome.status).toBe('pass');
  expect(told(outcome).join()).toContain('100 events lost in the last hour, by messages in the stream: 0.03 %');
});

test('is unknown without relay or values, and where cilium-config says nothing of certificates', () => {
  expect(decided(hubbleTrust, {})).toMatchObject({ status: 'unknown', missing: ['values', 'relay'] });
  expect(decided(hubbleTrust, { values: hubble() })).toMatchObject({ status: 'unknown', missing: ['relay'] });
  expect(decided(hubbleTrust, { relay, config: { 'hubble-redact-enabled': 'true' } })).toMatchObject({
    status: 'unknown',
    missing: ['values'],
  });
  expect(of({ relay: { ...relay, connected: 0, expected: 0 } }).status).toBe('unknown');
});

test('does not take a relay that nobody followed for one that lost nothing', () => {
  const { lost: _, ...unfollowed } = relay;
  expect(of({ relay: unfollowed })).toMatchObject({ status: 'unknown', missing: ['flows'] });
});
