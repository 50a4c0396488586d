import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anHttpFlow, arbFlow, host, world } from '#lib/testing/flows.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { LedgerBuffer } from './aggregate.ts';
import { EARLIER_FACTS_UNKNOWN, FactBuffer, joinFacts, readFacts } from './facts.ts';

/** What these flows tell of the one tuple they make. */
function told(...flows: readonly Flow[]) {
  const attribution = new Attribution();
  const facts = new FactBuffer();
  for (const flow of flows) facts.add(flow, attribution.attribute(flow), (ip, time) => attribution.names.namesOf(ip, time));
  return readFacts(facts.list());
}

const to = (destination: string, overrides: Partial<Flow> = {}): Flow =>
  aFlow({
    destination: world,
    ip: { source: '10.0.4.33', destination, sourceXlated: '', version: 4, encrypted: false },
    ...overrides,
  });

describe('of an end outside the cluster', () => {
  test('the addresses are kept, those of pods are not', () => {
    const { source, destination } = told(to('198.51.100.20'), to('198.51.100.3'), to('198.51.100.20'));
    expect(destination).toEqual({ addresses: ['198.51.100.20', '198.51.100.3'], moreAddresses: false, names: [] });
    expect(source).toEqual({ addresses: [], moreAddresses: false, names: [] });
  });

  test('a reply tells the address of the server', () => {
    const reply = to('10.0.4.33', {
      source: host,
      destination: aFlow().source,
      ip: { source: '10.20.1.11', destination: '10.0.4.33', sourceXlated: '', version: 4, encrypted: false },
      isReply: true,
    });
    expect(told(reply)).toMatchObject({ source: { addresses: [] }, destination: { addresses: ['10.20.1.11'] } });
  });

  test('addresses beyond 32 are told as more', () => {
    const { destination } = told(...Array.from({ length: 40 }, (_, index) => to(`198.51.100.${index}`)));
    expect(destination.addresses).toHaveLength(32);
    expect(destination.moreAddresses).toBe(true);
  });

  test('every name that an answer gave its address is kept, and those the flow carries', () => {
    const answer = (query: string): Flow => {
      const flow = aDnsFlow(query, 0);
      return { ...flow, l7: { ...flow.l7!, dns: { ...flow.l7!.dns!, ips: ['198.51.100.20'], ttl: 60 } } };
    };
    const attribution = new Attribution();
    for (const name of ['a.example.', 'b.example.']) attribution.attribute(answer(name));
    const facts = new FactBuffer();
    const flow = to('198.51.100.20', { destinationNames: ['C.example.'] });
    facts.add(flow, attribution.attribute(flow), (ip, time) => attribution.names.namesOf(ip, time));
    expect(readFacts(facts.list()).destination.names).toEqual(['a.example', 'b.example', 'c.example']);
  });
});

describe('who opened the connection is known', () => {
  const bare = { l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: 9090 }, isReply: undefined } as const;
  test.each([
    ['when Hubble says whether it is a reply', aFlow({ ...bare, isReply: false }), true],
    ['from a request', anHttpFlow('GET', '/', 0, bare), true],
    ['from a TCP SYN', aFlow({ ...bare, l4: { ...bare.l4, flags: ['SYN'] } }), true],
    ['from a denial by policy', aDroppedFlow(bare), true],
    ['but not from ports alone', aFlow(bare), false],
    ['nor from a drop that is no policy matter', aDroppedFlow({ ...bare, dropReason: 'STALE_OR_UNROUTABLE_IP' }), false],
  ])('%s', (_, flow, oriented) => expect(told(flow).oriented).toBe(oriented));
});

test('of a templated path three examples are kept as they were sent, and long ones are not', () => {
  const paths = ['/v1/orders/1?full=yes', '/v1/orders/2', `/v1/orders/${'3'.repeat(600)}`, '/v1/%2e/4', '/v1/orders/5'];
  expect(told(...paths.map((path) => anHttpFlow('GET', `http://ledger:9090${path}`))).paths).toEqual([
    '/v1/%2e/4',
    '/v1/orders/1?full=yes',
    '/v1/orders/2',
  ]);
});

test('ICMP types of requests are kept', () => {
  const ping = aFlow({ l4: { protocol: 'ICMPv4', sourcePort: 0, destinationPort: 0, icmpType: 8 } });
  const answer = aFlow({ l4: { protocol: 'ICMPv4', sourcePort: 0, destinationPort: 0, icmpType: 0 }, isReply: true });
  expect(told(ping, answer).icmpTypes).toEqual([8]);
});

test('a row of before facts were kept says that there were more', () => {
  expect(readFacts(joinFacts([EARLIER_FACTS_UNKNOWN], ['da 198.51.100.1']))).toMatchObject({
    destination: { addresses: ['198.51.100.1'], moreAddresses: true },
    oriented: false,
  });
});

test('the facts of a stream are the same however it is batched, as long as no batch meets a limit', () => {
  const factsOf = (batches: readonly (readonly Flow[])[]) => {
    const attribution = new Attribution();
    const buffer = new LedgerBuffer({ directory: attribution.directory });
    const joined = new Map<string, string[]>();
    for (const flows of batches) {
      for (const flow of flows) buffer.add(flow, attribution.attribute(flow));
      for (const { id, facts } of buffer.drain().tuples) joined.set(id, joinFacts(joined.get(id) ?? [], facts));
    }
    return joined;
  };
  fc.assert(
    fc.property(fc.array(arbFlow, { maxLength: 30 }), fc.nat(30), (flows, cut) => {
      const whole = factsOf([flows]);
      for (const [id, facts] of factsOf([flows.slice(0, cut), flows.slice(cut)])) {
        expect(facts.filter((fact) => !fact.startsWith('pa'))).toEqual(
          (whole.get(id) ?? []).filter((fact) => !fact.startsWith('pa')),
        );
      }
    }),
  );
});

test('joining is a matter of sets: order and repetition change nothing', () => {
  const fact = fc.tuple(fc.constantFrom('sa', 'da', 'pa', 'ic'), fc.nat(60)).map(([kind, value]) => `${kind} ${value}`);
  const list = fc.array(fact, { maxLength: 50 });
  fc.assert(
    fc.property(list, list, list, (a, b, c) => {
      const all = joinFacts(a, b, c);
      expect(joinFacts(joinFacts(c, a), b)).toEqual(all);
      expect(joinFacts(all, b)).toEqual(all);
    }),
  );
});
