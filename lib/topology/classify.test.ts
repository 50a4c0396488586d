import { expect, test } from 'vitest';
import { kindOfOutside, kindOfWorkload, platformOf } from './classify.ts';

test.each([
  ['coredns', [], 'dns'],
  ['my-resolver', ['k8s:k8s-app=kube-dns'], 'dns'],
  ['edge-proxy', [], 'gateway'],
  ['public-ingress', [], 'gateway'],
  ['front', ['k8s:tier=edge'], 'gateway'],
  ['gatewaykeeper', [], 'workload'],
  ['ledger', ['k8s:app=ledger'], 'workload'],
])('the workload %s with labels %j is of kind %s', (name, labels, kind) =>
  expect(kindOfWorkload({ namespace: 'x', name, labels })).toBe(kind),
);

test.each([
  ['entity:host', 'host'],
  ['entity:remote-node', 'host'],
  ['entity:kube-apiserver', 'entity'],
  ['fqdn:api.example.com', 'external'],
  ['cidr:203.0.113.0/24', 'external'],
])('%s is of kind %s', (id, kind) => expect(kindOfOutside(id)).toBe(kind));

const edge = {
  sourceId: 'payments/ledger',
  sourceName: 'ledger',
  destinationId: 'payments/db',
  destinationKind: 'workload' as const,
  port: 5432,
  metricsPath: false,
};

test.each([
  ['a query at port 53', { port: 53 }, 'dns'],
  ['a scrape of a metrics port', { sourceName: 'prometheus', port: 9102 }, 'scrape'],
  ['a scrape of /metrics at any port', { sourceName: 'kube-prometheus', port: 8080, metricsPath: true }, 'scrape'],
  ['a metrics port asked by another', { port: 9102 }, ''],
  ['a query to the scraper', { sourceName: 'grafana', port: 9090 }, ''],
  ['the kubelet asking a pod', { sourceId: 'entity:host', sourceName: 'host', port: 8080 }, 'probe'],
  [
    'the tunnel between hosts',
    { sourceId: 'entity:host', destinationId: 'entity:remote-node', destinationKind: 'host' as const, port: 51_871 },
    '',
  ],
  [
    'a health probe',
    { sourceId: 'entity:remote-node', destinationId: 'entity:health', destinationKind: 'entity' as const, port: 4240 },
    'probe',
  ],
  ['an ordinary connection', {}, ''],
])('%s is platform traffic or not', (_, overrides, platform) => expect(platformOf({ ...edge, ...overrides })).toBe(platform));
