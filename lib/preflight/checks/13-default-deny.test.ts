import { expect, test } from 'vitest';
import { aClusterPolicy, aNetworkPolicy, aPolicy, aPod, aWorld } from '#lib/testing/policies.ts';
import { decided, type Given, HOSTILE, told } from '#lib/testing/preflight.ts';
import { defaultDeny } from './13-default-deny.ts';

const of = (given: Given) => decided(defaultDeny, { world: aWorld(), ...given });
const allowWeb = { ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] };

test('passes where policies close what they mean to, and tells which pods are newly closed', () => {
  const outcome = of({ policies: [aPolicy(allowWeb)] });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toEqual(['shop/db: 1 pod of 1 is closed for ingress by these policies, and open without them']);
});

test.each([
  ['a deny alone closes its direction', aPolicy({ ingressDeny: [{ fromEntities: ['world'] }] }), 'also closes ingress'],
  ['a list of peers is empty', aPolicy({ ingress: [{ fromEndpoints: [] }] }), 'fromEndpoints is empty'],
  ['a clusterwide selector takes in health endpoints', aClusterPolicy(allowWeb), 'health, init and ingress'],
  [
    'the cluster reports it as not valid',
    { ...aPolicy(allowWeb), status: { conditions: [{ type: 'Valid', status: 'False', message: 'bad' }] } },
    'the cluster says: bad',
  ],
])('fails where %s', (_, policy, says) => {
  const outcome = of({ policies: [policy] });
  expect(outcome.status).toBe('fail');
  expect(told(outcome, 'fail').join('\n')).toContain(says);
});

test('a deny alone with enableDefaultDeny false closes nothing', () => {
  const spec = { ingressDeny: [{ fromEntities: ['world'] }], enableDefaultDeny: { ingress: false } };
  expect(of({ policies: [aPolicy(spec)] }).status).toBe('pass');
});

test('fails where a clusterwide policy closes kube-system together with others, not where it is for it', () => {
  const onlyPods = { matchExpressions: [{ key: 'io.kubernetes.pod.namespace', operator: 'Exists' }] };
  const outcome = of({ policies: [aClusterPolicy({ endpointSelector: onlyPods, ...allowWeb })] });
  expect(told(outcome, 'fail')).toEqual(['CiliumClusterwideNetworkPolicy c: it closes ingress of every pod of kube-system too']);
  const onlyDns = { matchLabels: { 'k8s-app': 'kube-dns' } };
  expect(of({ policies: [aClusterPolicy({ endpointSelector: onlyDns, ...allowWeb })] }).status).toBe('pass');
});

test('a clusterwide policy that closes nothing may be for everybody', () => {
  const policies = [aClusterPolicy({ ...allowWeb, enableDefaultDeny: { ingress: false } })];
  expect(told(of({ policies }), 'fail')).toEqual([]);
});

test.each([
  ['for all of kube-system and nobody else', { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system' } }],
  ['for some pods of kube-system and others', { matchExpressions: [{ key: 'app', operator: 'In', values: ['dns', 'web'] }] }],
])('a clusterwide policy %s is meant so', (_, endpointSelector) => {
  const system = [aPod('dns', 'kube-system'), aPod('metrics', 'kube-system')];
  const world = aWorld({ endpoints: [...system, aPod('web', 'shop')] });
  const outcome = decided(defaultDeny, { world, policies: [aClusterPolicy({ endpointSelector, ...allowWeb })] });
  expect(told(outcome, 'fail')).toEqual([]);
  expect(told(outcome).length).toBeGreaterThan(0);
});

test('a deny is no accident where another policy already closes the same pods', () => {
  const deny = aPolicy({ ingressDeny: [{ fromEntities: ['world'] }] }, 'deny');
  expect(of({ policies: [deny] }).status).toBe('fail');
  const outcome = of({ policies: [deny, aPolicy(allowWeb)] });
  expect(outcome.status).toBe('pass');
  expect(told(outcome)).toContain(
    'CiliumNetworkPolicy shop/deny: it only denies, and other policies already close these pods (spec.ingressDeny)',
  );
});

test('an empty spec is stored today, and refused from 1.20 on', () => {
  const policies = [{ ...aPolicy({}), spec: {} }];
  expect(told(of({ policies, target: '1.19.5' }), 'fail').join()).not.toContain('it has no spec');
  expect(told(of({ policies, target: '1.20.1' }), 'fail').join()).toContain('CiliumNetworkPolicy shop/p: it has no spec');
  const { spec, ...rest } = aPolicy(allowWeb);
  const fine = [aNetworkPolicy({}), { ...rest, specs: [spec] }, aPolicy(allowWeb, 'q')];
  expect(told(of({ policies: fine, target: '1.20.1' }), 'fail')).toEqual([]);
});

test('`endpointSelector: {}` and `{matchLabels: {}}` are the same', () => {
  const closes = (endpointSelector: object) => told(of({ policies: [aPolicy({ endpointSelector, ...allowWeb })] }));
  expect(closes({})).toEqual(closes({ matchLabels: {} }));
  expect(closes({})).toHaveLength(3);
});

test('is unknown without policies, and without pods', () => {
  expect(decided(defaultDeny, {})).toMatchObject({ status: 'unknown', missing: ['policies'] });
  expect(decided(defaultDeny, { policies: [aPolicy(allowWeb)] })).toMatchObject({ status: 'unknown', missing: ['pods'] });
});

test('says what it finds whatever things are called', () => {
  const world = aWorld({ endpoints: [aPod(`shop/${HOSTILE}`, 'shop', { labels: { app: 'db', [HOSTILE]: HOSTILE } })] });
  expect(decided(defaultDeny, { world, policies: [aPolicy(allowWeb, HOSTILE)] }).status).toBe('pass');
});
