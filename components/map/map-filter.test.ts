import { expect, test } from 'vitest';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { filterOfEdge, filterOfNode, filterOfPair } from './map-filter.ts';
import { anEdge, shopWorld } from './world.fixture.ts';

test.each([
  [
    'payments/checkout-api->payments/ledger:TCP/9090',
    'workload',
    'from-workload:payments/checkout-api to-workload:payments/ledger to-port:9090',
  ],
  [
    'payments/checkout-6f4d->payments/ledger-0:TCP/9090',
    'pod',
    'from-pod:payments/checkout-6f4d to-pod:payments/ledger-0 to-port:9090',
  ],
  ['gateway->payments:TCP/8080', 'namespace', 'from-ns:gateway to-ns:payments to-port:8080'],
  ['a/x->fqdn:api.example.com:TCP/443', 'workload', 'from-workload:a/x to-fqdn:api.example.com to-port:443'],
  ['entity:host->a/x:ICMPv6/0', 'workload', 'from-identity:host to-workload:a/x proto:icmpv6'],
  ['a/x->cidr:203.0.113.0/24:TCP/4444', 'pod', 'from-pod:a/x to-ip:203.0.113.0/24 to-port:4444'],
] as const)('the flows of %s at level %s', (key, level, filter) => {
  expect(filterOfEdge(anEdge(key), level)).toBe(filter);
});

test('every edge of the shop has a filter that can be read back', () => {
  for (const edge of shopWorld().edges) expect(parseFilter(filterOfEdge(edge, 'workload'))).toMatchObject({ ok: true });
});

test('a pair of folded cards, and a node at either end', () => {
  expect(filterOfPair('gateway', 'payments', 'workload')).toBe('from-ns:gateway to-ns:payments');
  expect(filterOfPair('payments', '@names', 'workload')).toBe('from-ns:payments');
  expect(filterOfPair('payments/ledger', 'to entity:kube-apiserver', 'workload')).toBe(
    'from-workload:payments/ledger to-identity:kube-apiserver',
  );
  expect(filterOfNode({ id: 'payments/ledger' }, 'workload')).toBe('workload:payments/ledger');
  expect(filterOfNode({ id: 'fqdn:api.example.com' }, 'workload')).toBe('fqdn:api.example.com');
  expect(filterOfNode({ id: 'payments' }, 'namespace')).toBe('ns:payments');
});
