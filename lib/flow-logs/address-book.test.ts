import { expect, test } from 'vitest';
import { factsOf } from '#lib/world/world-builder.ts';
import { AddressBook, addressBookOf } from './address-book.ts';

const CREATED = '2026-07-01T12:00:00.900Z';
const created = Date.parse(CREATED) / 1000;
const pod = (name: string, ip: string, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name }, creationTimestamp: CREATED },
  spec: { nodeName: 'n1', containers: [{ name: 'c', ports: [{ name: 'grpc', containerPort: 50_051 }] }], ...spec },
  status: { phase: 'Running', podIP: ip, hostIP: '10.1.0.1' },
});
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  status: { addresses: [{ type: 'InternalIP', address: '10.1.0.1' }] },
};
const service = (namespace: string, name: string, address: string) => [
  { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: {} },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    endpoints: [{ addresses: [address] }],
  },
];

const { world, inventory } = factsOf([
  NODE,
  pod('web', '10.0.0.1'),
  pod('proxy', '10.1.0.1', { hostNetwork: true }),
  ...service('default', 'kubernetes', '10.9.0.1'),
  ...service('shop', 'legacy-db', '192.0.2.10'),
]);

test('pods by their workload since they were made, nodes, the API server, and services that stand for addresses', () => {
  const book = addressBookOf({ inventory, world }, []);
  const of = (address: string) => book.ownersOf(address).map(({ node, from }) => `${node.id} ${from}`);
  expect(of('10.0.0.1')).toEqual([`shop/web ${Math.floor(created)}`]);
  expect([...(book.ownersOf('10.0.0.1')[0]?.ports ?? [])]).toEqual([50_051]);
  expect(of('10.1.0.1')).toEqual(['entity:remote-node -Infinity']);
  expect(of('192.0.2.10')).toEqual(['fqdn:legacy-db.shop.svc -Infinity']);
  expect(of('10.9.0.1')).toEqual(['entity:kube-apiserver -Infinity']);
  expect(of('10.0.0.77')).toEqual([]);
});

test('who had an address before is known from the worlds of then, for as long as they were the last', () => {
  const then = factsOf([pod('gone', '10.0.0.1')]).world;
  const book = addressBookOf({ inventory, world }, [
    { from: 1000, to: 5000, world: then },
    { from: 5000, to: 9000, world: then },
  ]);
  expect(book.ownersOf('10.0.0.1').map(({ node, from, to }) => [node.id, from, to])).toEqual([
    ['shop/gone', 1, 9],
    ['shop/web', Math.floor(created), Number.POSITIVE_INFINITY],
  ]);
});

test('a book comes back from JSON as it was; without the present only the past counts', () => {
  const past = [{ from: 1000, to: 9000, world }];
  for (const book of [addressBookOf({ inventory, world }, past), addressBookOf(undefined, past)]) {
    const again = AddressBook.ofRows(JSON.parse(JSON.stringify(book.toRows())) as ReturnType<typeof book.toRows>);
    for (const address of ['10.0.0.1', '10.1.0.1', '10.9.0.1', '192.0.2.10'])
      expect(again.ownersOf(address)).toEqual(book.ownersOf(address));
  }
  expect(addressBookOf(undefined, past).ownersOf('10.0.0.1')).toMatchObject([{ node: { id: 'shop/web' }, from: 1, to: 9 }]);
});

test('what is known twice of the same owner is one stretch of time, from the first to the last', () => {
  const owner = { node: { id: 'shop/web', namespace: 'shop', workload: 'web' }, ports: undefined };
  const book = new AddressBook();
  for (const [from, to] of [
    [50, 60],
    [60, 70],
    [10, 55],
    [90, 95],
    [1, 2],
  ] as const)
    book.add('10.0.0.1', { ...owner, from, to });
  expect(book.ownersOf('10.0.0.1').map(({ from, to }) => [from, to])).toEqual([
    [10, 70],
    [90, 95],
    [1, 2],
  ]);
  // A pod that the past has seen was there before that too, since it was made.
  const both = addressBookOf({ inventory, world }, [{ from: created * 1000 + 500_000, to: created * 1000 + 900_000, world }]);
  expect(both.ownersOf('10.0.0.1')).toMatchObject([{ node: { id: 'shop/web' }, from: Math.floor(created) }]);
});
