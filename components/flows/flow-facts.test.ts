import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterKey } from '#lib/flow/filter-keys.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anHttpFlow, arbFlow, world } from '#lib/testing/flows.ts';
import { withTerm } from './filter-edit.ts';
import { factGroups } from './flow-facts.ts';

const groupOf = (flow: Parameters<typeof factGroups>[0], title: string) =>
  Object.fromEntries(
    factGroups(flow)
      .find((group) => group.title === title)
      ?.facts.map(({ label, value }) => [label, value]) ?? [],
  );

test('both ends are told with identity, workload and socket', () => {
  expect(groupOf(aFlow(), 'Source')).toMatchObject({
    Namespace: 'payments',
    Workload: 'Deployment checkout-api',
    Identity: '24110',
    Address: '10.0.4.33:32984',
  });
  expect(groupOf(aFlow(), 'Destination')).toMatchObject({ Service: 'payments/ledger', Address: '10.0.2.40:9090' });
});

test('what Hubble did not say is left out, not shown as empty', () => {
  expect(Object.keys(groupOf(aFlow({ source: world }), 'Source'))).toEqual(['Address', 'Identity']);
  expect(factGroups(aFlow()).map(({ title }) => title)).toEqual(['Source', 'Destination', 'Network', 'Seen at']);
});

test('a drop does not know whether it is a reply, and says so', () => {
  expect(groupOf(aDroppedFlow(), 'Network')).toMatchObject({ Reply: 'not known at this point' });
});

test('HTTP and DNS are told with status, latency and result', () => {
  expect(groupOf(anHttpFlow('GET', '/v1/orders', 503), 'HTTP')).toMatchObject({
    Method: 'GET',
    Status: '503',
    Latency: '12.0 ms',
  });
  expect(groupOf(aDnsFlow('api.example.com.', 3), 'DNS')).toMatchObject({ Query: 'api.example.com.', Result: 'NXDOMAIN' });
});

test('an IPv6 socket is written with brackets', () => {
  const ip = { source: '2001:db8::1', destination: 'fd00::7', sourceXlated: '', version: 6, encrypted: false } as const;
  expect(groupOf(aFlow({ ip }), 'Source')).toMatchObject({ Address: '[2001:db8::1]:32984' });
});

test('every filter that a fact offers can be read, however hostile the flow', () => {
  fc.assert(
    fc.property(arbFlow, (flow) => {
      const offered = factGroups(flow).flatMap(({ facts }) => facts.flatMap(({ filter }) => filter ?? []));
      // A name that no filter can hold is added as it is, and its problem is shown in the box.
      const texts = offered
        .filter(({ key, value }) => filterKey(key)?.read(value).ok)
        .map(({ key, value }) => withTerm('verdict:DROPPED', key, value));
      expect(texts.filter((text) => !parseFilter(text).ok)).toEqual([]);
    }),
  );
});
