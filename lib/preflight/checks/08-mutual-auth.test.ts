import { expect, test } from 'vitest';
import type { AgentConf, SpireEntry } from '#lib/preflight/inputs.ts';
import { aPolicy } from '#lib/testing/policies.ts';
import { decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { mutualAuth } from './08-mutual-auth.ts';

const spire = (more: object = {}): Record<string, unknown> => ({
  authentication: {
    mutual: { spire: { enabled: true, trustDomain: 'aegis.local', adminSocketPath: '/run/admin/admin.sock', ...more } },
  },
});
const required = aPolicy({ ingress: [{ fromEndpoints: [{}], authentication: { mode: 'required' } }] });
const plain = aPolicy({ ingress: [{ fromEndpoints: [{}] }] });
const conf: AgentConf = {
  trustDomain: 'aegis.local',
  serverAddress: '',
  serverPort: '',
  socketPath: '/run/spire/agent.sock',
  adminSocketPath: '/run/admin/admin.sock',
  authorizedDelegates: ['spiffe://aegis.local/cilium-agent'],
  json: {},
};
const entry = (path: string, account: string): SpireEntry => ({
  spiffeId: `spiffe://aegis.local${path}`,
  parentId: '',
  selectors: ['k8s:ns:kube-system', `k8s:sa:${account}`],
  admin: false,
});
const entries = [entry('/cilium-agent', 'cilium'), entry('/cilium-operator', 'cilium-operator')];
const of = (given: Given) => decided(mutualAuth, { values: spire(), policies: [required], version: '1.19.5', ...given });

test('passes where a version has it, SPIRE is on and a policy asks for it', () => {
  expect(of({})).toMatchObject({ status: 'pass', missing: [] });
  expect(of({ values: spire({ install: { enabled: false } }), agentConf: conf, entries }).status).toBe('pass');
});

test('passes where nobody uses it, on any version', () => {
  expect(of({ values: {}, policies: [plain], target: '1.21.0' }).status).toBe('pass');
});

test('warns where it is deprecated, and fails where it is gone', () => {
  expect(told(of({ target: '1.20.1' })).join()).toContain('deprecated in the version it goes to');
  expect(of({ target: '1.20.1' }).status).toBe('pass');
  expect(told(of({ target: '1.21.0' }), 'fail')).toEqual([
    'CiliumNetworkPolicy shop/p: it requires authentication, which the version it goes to (1.21) does not have',
  ]);
});

test('fails where policies ask and SPIRE is off, and where SPIRE is on and none asks', () => {
  expect(told(of({ values: {} }), 'fail')[0]).toContain('authentication.mutual.spire.enabled is off');
  expect(told(of({ policies: [plain] }), 'fail')[0]).toContain('no policy requires authentication');
});

test.each([
  ['another trust domain', { agentConf: { ...conf, trustDomain: 'other' } }, 'agent.conf: trust_domain: it is other'],
  ['no admin socket', { agentConf: { ...conf, adminSocketPath: '' } }, 'admin_socket_path: it is not set'],
  [
    'another admin socket',
    { agentConf: { ...conf, adminSocketPath: '/x/y.sock' } },
    'it is /x/y.sock, Cilium looks for /run/admin/admin.sock',
  ],
  [
    'both sockets in one directory',
    { agentConf: { ...conf, socketPath: '/run/admin/agent.sock' } },
    'it lies in /run/admin beside socket_path',
  ],
  [
    'no delegate',
    { agentConf: { ...conf, authorizedDelegates: [HOSTILE] } },
    'spiffe://aegis.local/cilium-agent is not among them',
  ],
  [
    'no entry for the operator',
    { entries: entries.slice(0, 1) },
    'SPIRE entry spiffe://aegis.local/cilium-operator: there is no such entry',
  ],
  [
    'an entry for another account',
    { entries: [entry('/cilium-agent', HOSTILE), ...entries.slice(1)] },
    'none of its selectors is the service account cilium',
  ],
])('fails with %s', (_, given, message) => {
  const outcome = of(given);
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join()).toContain(message);
});

test('fails by the version alone where it is gone, whatever the settings are', () => {
  expect(decided(mutualAuth, { policies: [required], target: '1.21.0' })).toMatchObject({
    status: 'fail',
    missing: ['values', 'cilium-config'],
  });
});

test('is unknown without settings, policies or a version, and without files of a SPIRE that the chart does not install', () => {
  expect(decided(mutualAuth, {})).toEqual({ status: 'unknown', findings: [], missing: ['values', 'cilium-config', 'policies'] });
  expect(decided(mutualAuth, { values: spire(), policies: [required] })).toMatchObject({
    status: 'unknown',
    missing: ['version'],
  });
  expect(of({ values: spire({ install: { enabled: false } }) })).toMatchObject({
    status: 'unknown',
    missing: ['agent-conf', 'entries'],
  });
});
