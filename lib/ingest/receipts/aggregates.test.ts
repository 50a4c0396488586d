import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint } from '#lib/testing/flows.ts';
import { Aggregates } from './aggregates.ts';
import { groupDraft } from './draft.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2026-03-02T12:00:00Z');
const [web, api] = [
  anEndpoint({ identity: 1001, namespace: 'shop', podName: 'web-1', workload: { name: 'web', kind: 'Deployment' } }),
  anEndpoint({ identity: 1002, namespace: 'shop', podName: 'api-1', workload: { name: 'api', kind: 'Deployment' } }),
];
const tcp = (sourcePort: number, destinationPort: number): Flow['l4'] => ({ protocol: 'TCP', sourcePort, destinationPort });
const request = (more: Partial<Flow> = {}): Flow =>
  aFlow({ time: NOON, source: web, destination: api, l4: tcp(40_000, 8080), ...more });
const reply = (more: Partial<Flow> = {}): Flow =>
  aFlow({ time: NOON, source: api, destination: web, l4: tcp(8080, 40_000), isReply: true, ...more });

test('both ways of a connection are one sum, under the port of its server', () => {
  const sums = new Aggregates(0);
  sums.add(request(), false, -1, undefined, NOON);
  sums.add(reply({ time: NOON + 5 }), true, -1, undefined, NOON);
  const [window] = sums.close(NOON + MINUTE + 10_000, true);
  expect(window?.groups).toHaveLength(1);
  expect(window?.groups[0]?.group).toMatchObject({
    count: 2,
    port: 8080,
    first: NOON,
    last: NOON + 5,
    client: { workload: 'web' },
    server: { workload: 'api' },
  });
});

test('verdict, port, encryption and identities are told apart', () => {
  const sums = new Aggregates(0);
  sums.add(request(), false, -1, undefined, NOON);
  sums.add(request({ verdict: 'REDIRECTED' }), false, -1, undefined, NOON);
  sums.add(request({ l4: tcp(1, 9090) }), false, -1, undefined, NOON);
  sums.add(request(), false, 0, undefined, NOON); // encrypted
  sums.add(request({ source: { ...web, identity: 7 } }), false, -1, undefined, NOON);
  sums.add(request(), false, 3, undefined, NOON); // to a host: no more is known of it than of the first
  expect(sums.close(NOON + MINUTE + 10_000, true)[0]?.groups.map(({ group }) => group.count)).toEqual([2, 1, 1, 1, 1]);
});

test('the same minute of the same pair is called the same by whoever sums it up', () => {
  const aboutOf = (flows: readonly Flow[]): string[] => {
    const sums = new Aggregates(0);
    for (const flow of flows) sums.add(flow, flow.isReply === true, -1, undefined, NOON);
    return sums.close(NOON + 2 * MINUTE, true).flatMap(({ groups }) => groups.map(({ about }) => about));
  };
  expect(aboutOf([request(), reply()])).toEqual(aboutOf([reply({ time: NOON + 700 })]));
  expect(aboutOf([request()])).not.toEqual(aboutOf([request({ time: NOON + MINUTE })]));
});

test('of an identity with several workloads none is named', () => {
  const sums = new Aggregates(0);
  sums.add(request(), false, -1, undefined, NOON);
  sums.add(
    request({ source: { ...web, podName: 'other-1', workload: { name: 'other', kind: 'Deployment' } } }),
    false,
    -1,
    undefined,
    NOON,
  );
  const [window] = sums.close(NOON + MINUTE + 10_000, true);
  const drafts = window?.groups.map(({ about, group }) =>
    groupDraft(about, group, () => ({ cluster: 'prd', source: 'hubble-relay', ciliumVersion: undefined }), NOON),
  );
  const evidence = drafts?.[0]?.evidence({ policies: [], by: 'none', policySetHash: undefined, grace: [] });
  expect(evidence?.flow?.source).toEqual({ identity: 1001 });
  expect(evidence?.flow?.destination).toEqual({ identity: 1002, namespace: 'shop', workload: 'api' });
});

test('minutes are closed in their order, when they are over and nothing older can come', () => {
  const sums = new Aggregates(0);
  for (const minute of [2, 0, 1]) sums.add(request({ time: NOON + minute * MINUTE }), false, -1, undefined, NOON + 3 * MINUTE);
  expect(sums.close(NOON + MINUTE + 9999, true)).toEqual([]);
  expect(sums.close(NOON + 10 * MINUTE, false)).toEqual([]);
  expect(sums.close(NOON + 2 * MINUTE + 10_000, true).map(({ from }) => from)).toEqual([NOON, NOON + MINUTE]);
});

test('a flow whose minute is closed is a sum of its own; of many the rest is told as missing', () => {
  const sums = new Aggregates(NOON + MINUTE);
  const late = Array.from({ length: 2003 }, (_, n) =>
    sums.add(request({ time: NOON + n }), false, -1, undefined, NOON + 3 * MINUTE),
  );
  expect(late[0]).toMatchObject({ count: 1, first: NOON, last: NOON });
  expect(late.filter(Boolean)).toHaveLength(2000);
  expect(sums.takeLate()).toEqual({ count: 3, from: NOON + 2000, to: NOON + 2002 });
  expect(sums.takeLate()).toBeUndefined();
});

test('on a first start nothing from before it is missing', () => {
  const sums = new Aggregates(NOON + MINUTE, true);
  sums.add(request(), false, -1, undefined, NOON + MINUTE);
  expect(sums.takeLate()).toBeUndefined();
  expect(sums.size).toBe(0);
});

test('groups of a minute are bounded, and what is beyond is counted', () => {
  const sums = new Aggregates(0);
  for (let n = 0; n < 8200; n += 1) sums.add(request({ source: { ...web, identity: 2000 + n } }), false, -1, undefined, NOON);
  const [window] = sums.close(NOON + 2 * MINUTE, true);
  expect(window?.groups).toHaveLength(8192);
  expect(window?.folded).toBe(8);
});

test('a stream that is away for hours keeps no more minutes than an hour and a quarter', () => {
  const sums = new Aggregates(0);
  for (let n = 0; n < 80; n += 1) sums.add(request({ time: NOON + n * MINUTE }), false, -1, undefined, NOON + n * MINUTE);
  expect(sums.close(NOON, false)).toHaveLength(5);
});

test('every flow is in one sum', () => {
  const flow = fc.record({ at: fc.nat(4 * MINUTE), identity: fc.integer({ min: 1000, max: 1003 }), back: fc.boolean() });
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 80 }), fc.nat(3 * MINUTE), (flows, closeAt) => {
      const sums = new Aggregates(NOON + MINUTE);
      const half = Math.floor(flows.length / 2);
      const all = flows.map(({ at, identity, back }) =>
        back
          ? reply({ time: NOON + at, destination: { ...web, identity } })
          : request({ time: NOON + at, source: { ...web, identity } }),
      );
      let late = 0;
      const add = (each: Flow): void => {
        if (sums.add(each, each.isReply === true, -1, undefined, NOON + 4 * MINUTE)) late += 1;
      };
      for (const each of all.slice(0, half)) add(each);
      const windows = sums.close(NOON + closeAt + 70_000, true);
      for (const each of all.slice(half)) add(each);
      windows.push(...sums.close(NOON + 10 * MINUTE, true));
      const summed = windows.flatMap(({ groups }) => groups).reduce((sum, { group }) => sum + group.count, 0);
      expect(summed + late).toBe(flows.length);
      expect(sums.takeLate()).toBeUndefined();
      for (const { from, until, groups } of windows)
        for (const { group } of groups) expect(group.first >= from && group.last < until).toBe(true);
    }),
  );
});
