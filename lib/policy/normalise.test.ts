import { expect, test } from 'vitest';
import { aClusterPolicy, aNetworkPolicy, aPolicy } from '#lib/testing/policies.ts';
import type { PolicyObject } from './model.ts';
import { entriesOf } from './normalise.ts';

const entries = (object: PolicyObject, config = {}) => entriesOf(object, { config, services: [], servicesMissing: false });

/** Keys of the conditions on the peers of the first entry. */
function peerKeys(object: PolicyObject): string[] {
  const peers = entries(object)[0]?.peers;
  if (typeof peers !== 'object' || peers[0]?.kind !== 'labels') return [];
  return peers[0].requirements.map(({ key }) => key.replace(/^.*\./, ''));
}

test.each([
  [{ matchLabels: { 'reserved:init': '' } }, ['cluster']],
  [{ matchLabels: { 'reserved:init': '', app: 'a' } }, ['cluster']],
  [{ matchLabels: { 'reserved:health': '' } }, ['namespace', 'cluster']],
  [{ matchLabels: { init: 'a' } }, ['namespace', 'cluster']],
  [{}, ['namespace', 'cluster']],
])('a clusterwide policy for %j asks of its peers: %j', (endpointSelector, keys) => {
  expect(peerKeys(aClusterPolicy({ endpointSelector, ingress: [{ fromEndpoints: [{}] }] }))).toEqual(keys);
});

test('an entry for each rule, by its place, and a closed direction only where there are rules', () => {
  const rule = { fromEntities: ['all'] };
  const object = {
    ...aPolicy({ ingress: [rule, rule], ingressDeny: [rule], enableDefaultDeny: { ingress: false, egress: true } }),
    specs: [{ endpointSelector: {}, egress: [{}] }],
  };
  expect(entries(object).map(({ path, deny, defaultDeny }) => [path, deny, defaultDeny])).toEqual([
    ['spec.ingress[0]', false, false],
    ['spec.ingress[1]', false, false],
    ['spec.ingressDeny[0]', true, false],
    ['specs[0].egress[0]', false, true],
  ]);
  expect(entries(object, { disableNonDefaultDenyPolicies: true }).every(({ defaultDeny }) => defaultDeny)).toBe(true);
});

test.each([
  ['endpoints', { fromEndpoints: [], fromEntities: ['all'] }, 'nobody'],
  ['entities', { fromEntities: [] }, 'nobody'],
  ['CIDR sets', { fromCIDRSet: [] }, 'nobody'],
  ['everybody and somebody', { fromEntities: ['all', 'host'] }, 'everybody'],
  ['null', { fromEndpoints: null, toPorts: [{ ports: [{ port: '80' }] }] }, 'everybody'],
  ['no peers and no ports', {}, 'nobody'],
  ['no peers and ports', { toPorts: [{ ports: [{ port: '80' }] }] }, 'everybody'],
  ['no peers and no ports in a list', { toPorts: [] }, 'nobody'],
])('whom a rule names: %s', (_, rule, peers) => {
  expect(entries(aPolicy({ ingress: [rule] }))[0]?.peers).toBe(peers);
});

const directions = (spec: object) =>
  entries(aNetworkPolicy({ ...spec })).map(
    ({ direction, peers }) => `${direction} ${typeof peers === 'string' ? peers : peers.length}`,
  );

test('a NetworkPolicy closes a direction that it names without rules; rules count though it does not name them', () => {
  expect(directions({})).toEqual(['ingress nobody']);
  expect(directions({ policyTypes: ['Egress'] })).toEqual(['egress nobody']);
  expect(directions({ policyTypes: ['Ingress', 'Egress'] })).toEqual(['ingress nobody', 'egress nobody']);
  expect(directions({ policyTypes: ['Ingress'], egress: [{}] })).toEqual(['ingress nobody', 'egress everybody']);
  expect(directions({ ingress: [{ from: [{ podSelector: {} }, { namespaceSelector: {} }] }] })).toEqual(['ingress 2']);
});

test('ports of a NetworkPolicy: TCP unless it says otherwise, all of the protocol where none is named', () => {
  const ports = (...list: object[]) =>
    entries(aNetworkPolicy({ ingress: [{ ports: list }] }))[0]?.ports?.map(({ protocol, first, last, name }) => [
      protocol,
      first,
      last,
      name,
    ]);
  expect(ports({ port: 80 }, { port: 80, endPort: 90 }, { protocol: 'UDP' }, { port: 'http' })).toEqual([
    [0, 80, 80, undefined],
    [0, 80, 90, undefined],
    [1, 0, 65_535, undefined],
    [0, 0, 0, 'http'],
  ]);
  expect(ports()).toBeUndefined();
  expect(ports({ port: 70_000 }, { port: 80, protocol: 'GRE' })).toEqual([]);
});

test('a service by name is that of its namespace, without one those of all', () => {
  const services = ['shop', 'pay'].map((namespace) => ({ name: 'db', namespace, selector: { app: `${namespace}-db` } }));
  const peers = (k8sService: object) =>
    entriesOf(aPolicy({ egress: [{ toServices: [{ k8sService }] }] }), { config: {}, services, servicesMissing: false })[0]
      ?.peers;
  expect(peers({ serviceName: 'db', namespace: 'pay' })).toMatchObject([
    { requirements: [{ key: 'app', values: ['pay-db'] }, {}, {}] },
  ]);
  expect(peers({ serviceName: 'db' })).toHaveLength(2);
});
