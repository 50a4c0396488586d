import { expect, test } from 'vitest';
import { searchMap } from './search.ts';
import { shopWorld } from './world.fixture.ts';

const world = shopWorld();
const edges = (text: string): string[] => {
  const search = searchMap(text, world);
  return search.ok ? world.edges.filter((edge) => search.edge(edge)).map(({ key }) => key) : expect.fail(search.problem);
};
const nodes = (text: string): string[] => {
  const search = searchMap(text, world);
  return search.ok ? world.nodes.filter((node) => search.node(node)).map(({ id }) => id) : expect.fail(search.problem);
};

test('nothing typed matches everything and is called empty', () => {
  expect(searchMap('  ', world)).toMatchObject({ ok: true, empty: true });
  expect(edges('')).toHaveLength(world.edges.length);
});

test.each([
  { text: 'from-workload:payments/ledger', keys: ['payments/ledger->payments/payments-db:TCP/5432'] },
  { text: 'verdict:AUDIT', keys: ['monitoring/otel-collector->payments/events-kafka:TCP/9092'] },
  { text: 'reason:UNENCRYPTED_TRAFFIC', keys: ['payments/checkout-api->payments/ledger:TCP/9090'] },
  { text: 'to-fqdn:*.cardnet.example', keys: ['payments/checkout-api->fqdn:auth.cardnet.example:TCP/443'] },
  { text: 'from-ns:monitoring to-ns:payments port:9090', keys: ['monitoring/grafana->payments/ledger:TCP/9090'] },
  { text: 'proto:kafka', keys: ['payments/checkout-api->payments/events-kafka:TCP/9092'] },
  { text: 'proto:icmp', keys: ['entity:host->monitoring/prometheus:ICMPv6/0'] },
  {
    text: 'from-ns:monitoring -to-ns:monitoring -port:9102 -verdict:AUDIT',
    keys: ['monitoring/grafana->payments/ledger:TCP/9090'],
  },
])('$text finds its edges', ({ text, keys }) => expect(edges(text)).toEqual(keys));

test('a bare word is part of a name, beside a filter or alone', () => {
  expect(nodes('grafana')).toEqual(['monitoring/grafana']);
  expect(edges('grafana verdict:DROPPED')).toEqual(['monitoring/grafana->payments/ledger:TCP/9090']);
});

test('a namespace finds its own cards, not those it talks to', () => {
  expect(nodes('ns:spire-server')).toEqual(['spire-server/spire-server', 'spire-server/spire-agent']);
});

test('what a map does not keep is said, never matched in silence', () => {
  expect(searchMap('path:^/v1', world)).toEqual({ ok: false, problem: 'A map does not keep paths: search for it in Flows.' });
  expect(searchMap('port:http', world)).toMatchObject({ ok: false });
});
