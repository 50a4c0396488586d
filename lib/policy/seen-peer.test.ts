import { expect, test } from 'vitest';
import { aPod, aWorld } from '#lib/testing/policies.ts';
import { JudgedPeers } from './judged-peers.ts';
import type { SeenPeer, World } from './model.ts';

const OF_SHOP = [
  'k8s:io.kubernetes.pod.namespace=shop',
  'k8s:io.cilium.k8s.policy.cluster=default',
  'k8s:io.cilium.k8s.policy.serviceaccount=default',
];
const OF_NAMESPACE = [
  'k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=shop',
  'k8s:io.cilium.k8s.namespace.labels.team=retail',
];

const find = (labels: readonly string[], more: Omit<SeenPeer, 'labels'> = {}, world: Partial<World> = {}) =>
  new JudgedPeers(aWorld(world)).find({ seen: { labels, ...more } });
const identityOf = (...asked: Parameters<typeof find>) => {
  const { kind, labels, address, names } = find(...asked).identity;
  return {
    kind,
    labels: labels.texts,
    address: typeof address === 'string' ? address : `${address.bytes.join('.')}/${address.bits}`,
    names,
  };
};

test.each([
  ['reserved:health', 'other', 'endpoint'],
  ['reserved:ingress', 'other', 'endpoint'],
  ['reserved:unmanaged', 'other', undefined],
  ['reserved:init', 'pod', 'endpoint'],
  ['reserved:world', 'outside', undefined],
  ['reserved:world-ipv6', 'outside', undefined],
  ['cidr:203.0.113.0/24', 'outside', undefined],
  ['fqdn:a.example.com', 'outside', undefined],
  ['cidrgroup:io.cilium.policy.cidrgroupname/office', 'outside', undefined],
  ['k8s:app=web', 'unknown', 'unknown'],
])('%s is of kind %s and a subject as %s', (label, kind, role) => {
  const peer = find([label]);
  expect([peer.identity.kind, peer.subject?.role]).toEqual([kind, role]);
});

test('the same record is found once, and equal records are one', () => {
  const peers = new JudgedPeers(aWorld());
  const seen = { labels: ['reserved:world'], ip: '203.0.113.1' };
  const peer = peers.find({ seen });
  expect([peers.find({ seen }), peers.find({ seen: { ...seen } })]).toEqual([peer, peer]);
  expect(peers.find({ seen: { ...seen, ip: '203.0.113.2' } }).identity).not.toBe(peer.identity);
});

test('named ports: of the pod with the address, of all pods with the labels where they agree, else not known', () => {
  const port = (number: number) => ({ labels: { app: 'web' }, namedPorts: [{ name: 'http', port: number, protocol: 'TCP' }] });
  const http = (ip: string | undefined, numbers: readonly number[]) =>
    find(['k8s:app=web', ...OF_SHOP, ...OF_NAMESPACE], ip ? { ip } : {}, {
      endpoints: numbers.map((number, index) => aPod(`web-${index}`, 'shop', { ...port(number), ip: `10.1.0.${index + 1}` })),
    }).subject?.ports('http', 0);
  expect([
    http('10.1.0.1', [80, 8080]),
    http('10.1.0.2', [80, 8080]),
    http('10.1.0.9', [80, 8080]),
    http(undefined, [80, 8080]),
  ]).toEqual([80, 8080, 'unknown', 'unknown']);
  expect([http(undefined, [80, 80]), http('10.1.0.9', [80, 80]), http(undefined, [])]).toEqual([80, 80, 'unknown']);
});

test('a node: as the local host with its Kubernetes labels, as a remote one without them', () => {
  const labels = ['reserved:host', 'k8s:zone=a'];
  expect(identityOf(labels, { local: true })).toMatchObject({ kind: 'host', labels: ['k8s:zone=a', 'reserved:host'] });
  expect(identityOf(labels, { local: false })).toMatchObject({
    kind: 'remote-node',
    labels: ['reserved:remote-node'],
    address: 'none',
  });
  expect(find(labels).identity.either?.map(({ kind }) => kind)).toEqual(['host', 'remote-node']);
  expect(identityOf(['reserved:remote-node'], { local: true, ip: '10.0.0.2' })).toMatchObject({
    kind: 'host',
    labels: ['k8s:role=worker', 'reserved:host'],
  });
});

test('the API server on a node keeps its label, whichever node it is', () => {
  const labels = ['reserved:kube-apiserver', 'reserved:remote-node'];
  expect(identityOf(labels, { local: true }).labels).toEqual(['reserved:host', 'reserved:kube-apiserver']);
  expect(identityOf(labels, { local: false }).labels).toEqual(['reserved:kube-apiserver', 'reserved:remote-node']);
});

test('with node selectors a remote node carries its labels, those of the record or of the world', () => {
  const config = { nodeSelectorLabels: true };
  const seen = ['node:pool=green', 'k8s:io.cilium.k8s.policy.cluster=default', 'reserved:remote-node'];
  expect(identityOf(seen, { local: false }, { config }).labels).toEqual([
    'k8s:io.cilium.k8s.policy.cluster=default',
    'node:pool=green',
    'reserved:remote-node',
  ]);
  expect(identityOf(['reserved:remote-node'], { local: false, ip: '10.0.0.2' }, { config }).labels).toEqual([
    'k8s:io.cilium.k8s.policy.cluster=default',
    'node:role=worker',
    'reserved:remote-node',
  ]);
  expect(identityOf(seen, { local: true }, { config }).labels).not.toContain('node:pool=green');
  const east = identityOf(['k8s:io.cilium.k8s.policy.cluster=east', 'reserved:remote-node'], { local: false }, { config });
  expect(east.labels).toEqual(['k8s:io.cilium.k8s.policy.cluster=east', 'reserved:remote-node']);
});

test('where CIDR rules select nodes a remote one has its address, or one that is not known', () => {
  const config = { policyCIDRMatchMode: ['nodes'] };
  const node = (more: Omit<SeenPeer, 'labels'>) =>
    identityOf(['reserved:remote-node'], { local: false, ...more }, { config }).address;
  expect([node({ ip: '10.9.9.9' }), node({ ip: '10.0.0.2' }), node({})]).toEqual(['10.9.9.9/32', '10.0.0.2/32', 'unknown']);
  expect(identityOf(['reserved:remote-node'], { local: false, ip: '10.9.9.9' }).address).toBe('none');
});

test('the API server outside: by the label of the record or by the facts of the world', () => {
  const labels = ['reserved:kube-apiserver', 'reserved:world'];
  expect(identityOf(labels, { ip: '192.0.2.1' }).labels).toEqual(labels);
  expect(identityOf(['reserved:world'], { ip: '192.0.2.1' }, { ips: [{ ip: '192.0.2.1', kubeApiServer: true }] }).labels).toEqual(
    labels,
  );
  expect(identityOf(['reserved:world'], { ip: '192.0.2.1' }, { ips: [{ ip: '192.0.2.1' }] }).labels).toEqual(['reserved:world']);
  expect(identityOf(['reserved:world'], {}, { ips: [{ ip: '192.0.2.1', kubeApiServer: true }] }).labels).toEqual([
    'reserved:world',
  ]);
});

test('names: those of the record and those learned, each once', () => {
  const names = (more: Omit<SeenPeer, 'labels'>, world: Partial<World> = {}) => identityOf(['reserved:world'], more, world).names;
  expect(names({ ip: '203.0.113.10', names: ['b.example.com', 'api.example.com'] })).toEqual([
    'b.example.com',
    'api.example.com',
  ]);
  expect(names({ ip: '203.0.113.10', names: ['b.example.com'] })).toEqual(['b.example.com', 'api.example.com']);
  expect([names({ ip: '192.0.2.1' }), names({ ip: '192.0.2.1' }, { missing: ['names'] }), names({})]).toEqual([
    [],
    'unknown',
    'unknown',
  ]);
  expect(names({ names: ['b.example.com'] })).toEqual(['b.example.com']);
});

test('an address by the narrowest prefix that labels tell; the whole family tells nothing', () => {
  const address = (...labels: string[]) => identityOf([...labels, 'reserved:world']).address;
  expect(address('cidr:203.0.113.0/24', 'cidr:203.0.113.8/32', 'cidr:203.0.0.0/16')).toBe('203.0.113.8/32');
  expect(address('cidr:128.0.0.0/1')).toBe('128.0.0.0/1');
  expect(address('cidr:0.0.0.0/0')).toBe('unknown');
  expect(address('cidr:2001-db8--/32')).toBe('32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/32');
});

test('the family of the world is told where both are on and the address is known', () => {
  const config = { dualStack: true };
  expect(identityOf(['reserved:world-ipv4'], { ip: '192.0.2.1' }, { config }).labels).toEqual(['reserved:world-ipv4']);
  expect(identityOf(['reserved:world'], { ip: '2001:db8::1' }, { config }).labels).toEqual(['reserved:world-ipv6']);
  expect(identityOf(['reserved:world-ipv4'], {}, { config }).labels).toEqual(['reserved:world-ipv4']);
  expect(identityOf(['reserved:world-ipv6'], {}, { config }).labels).toEqual(['reserved:world-ipv6']);
  expect(identityOf(['reserved:world'], {}, { config }).labels).toEqual(['reserved:world']);
});
