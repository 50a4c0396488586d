import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFlow, host, ledger, world } from '#lib/testing/flows.ts';
import { type Asked, askedOfFlow, askedOfNames, askedOfParams, paramsOfAsked, whyUrl } from './question.ts';

const none = { src: null, dst: null, protocol: null, port: null, method: null, path: null, host: null, dns: null };

test('a flow asks for its workloads, so that the link outlives the pods', () => {
  expect(askedOfFlow(aFlow())).toEqual({ from: 'payments/checkout-api', to: 'payments/ledger', protocol: 'TCP', port: 9090 });
});

test('a reply asks for the connection it answers', () => {
  const asked = askedOfFlow(aFlow());
  const reply = aFlow({
    isReply: true,
    source: ledger,
    destination: aFlow().source,
    l4: { protocol: 'TCP', sourcePort: 9090, destinationPort: 51_234 },
  });
  expect(askedOfFlow(reply)).toEqual(asked);
});

test('an end outside is asked for by its address, a node by its entity', () => {
  const ip = { source: '10.0.1.7', destination: '203.0.113.250', sourceXlated: '', version: 4, encrypted: false } as const;
  expect(askedOfFlow(aFlow({ destination: world, ip }))?.to).toBe('203.0.113.250');
  expect(askedOfFlow(aFlow({ source: host }))?.from).toBe('entity:host');
});

test('a recorded request is part of the question', () => {
  const http = { code: 0, method: 'GET', url: 'http://ledger:9090/v1/balances/7', protocol: 'HTTP/1.1', headers: [] };
  expect(askedOfFlow(aFlow({ l7: { type: 'REQUEST', latencyNs: 0, http } }))).toMatchObject({
    method: 'GET',
    path: '/v1/balances/7',
    host: 'ledger:9090',
  });
});

test.each([
  ['payments/ledger', 'payments/ledger'],
  ['entity:world', 'entity:world'],
  ['world-ipv4', 'entity:world'],
  ['host', 'entity:host'],
  ['203.0.113.7', '203.0.113.7'],
  ['cidr:203.0.113.7/32', '203.0.113.7'],
  ['cidr:203.0.113.0/24', 'cidr:203.0.113.0/24'],
  ['fqdn:api.example.com', 'fqdn:api.example.com'],
  ['api.example.com', 'fqdn:api.example.com'],
])('%s is asked for as %s', (name, peer) => {
  expect(askedOfNames('a/b', name, 'TCP', 443)?.to).toBe(peer);
});

test.each([
  ['an identity without a name', 'identity:24110', 'TCP', 443],
  ['a protocol that no policy names', 'a/c', 'VRRP', 0],
  ['folded ports', 'a/c', 'TCP', 0],
  ['ICMP, whose type is not in the name', 'a/c', 'ICMPv4', 0],
])('%s is no question', (_, name, protocol, port) => {
  expect(askedOfNames('a/b', name, protocol, port)).toBeUndefined();
});

test('a link without an end or with a port that is none asks nothing', () => {
  expect(askedOfParams({ ...none, src: 'a/b', port: '80' })).toBeUndefined();
  for (const port of ['', '1.5', '70000', '-1', 'http'])
    expect(askedOfParams({ ...none, src: 'a/b', dst: 'a/c', port })).toBeUndefined();
});

test('a question survives the way through a link', () => {
  const text = fc.string({ minLength: 1 });
  const asked: fc.Arbitrary<Asked> = fc.record(
    {
      from: text,
      to: text,
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'),
      port: fc.integer({ min: 0, max: 65_535 }),
      method: text,
      path: text,
      host: text,
      dns: text,
    },
    { requiredKeys: ['from', 'to', 'protocol', 'port'] },
  );
  fc.assert(
    fc.property(asked, (question) => {
      const link = new URLSearchParams(paramsOfAsked(question));
      const params = Object.fromEntries(Object.keys(none).map((name) => [name, link.get(name)])) as typeof none;
      expect(askedOfParams(params)).toEqual(question);
    }),
  );
});

test('the API gets the ends, the request and the set', () => {
  const url = whyUrl('/api/v1/clusters/c', { from: 'a/b', to: '10.0.0.1', protocol: 'TCP', port: 80, path: '/x?y' }, 'set-1');
  expect(url).toBe('/api/v1/clusters/c/policies/why?from=a%2Fb&to=10.0.0.1&protocol=TCP&port=80&path=%2Fx%3Fy&set=set-1');
});
