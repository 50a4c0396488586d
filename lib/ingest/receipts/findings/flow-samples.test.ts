import { describe, expect, test } from 'vitest';
import type { Flow } from '#lib/flow/flow.ts';
import { aFlow, anEndpoint, anHttpFlow, world } from '#lib/testing/flows.ts';
import { aVerdict, SEEN_AT } from '#lib/testing/rules.ts';
import { FlowSamples } from './flow-samples.ts';

const LATER = SEEN_AT + 61_000;
const taken = (flows: readonly Flow[], now = LATER, namesOf: (address: string) => readonly string[] = () => []) => {
  const samples = new FlowSamples();
  for (const flow of flows) samples.observe(flow);
  return samples.take(now, new Set(), [], namesOf);
};
const at = (point: string, ms: number, sourcePort = 4000): Flow =>
  aFlow({
    traceObservationPoint: point,
    time: SEEN_AT + ms,
    l4: { protocol: 'TCP', sourcePort, destinationPort: 9090 },
  });

describe('samples of flows', () => {
  test('verdicts of one kind are one sample with its count, times and newest flow', () => {
    const flows = [0, 5, 2].map((ms) => aVerdict({ time: SEEN_AT + ms, uuid: `u${ms}` }));
    expect(taken(flows).verdicts).toMatchObject([{ count: 3, first: SEEN_AT, last: SEEN_AT + 5, flow: { uuid: 'u5' } }]);
  });

  test('what decides a verdict tells samples apart', () => {
    const flows = [
      aVerdict(),
      aVerdict({ nodeName: 'c/other' }),
      aVerdict({ source: anEndpoint({ identity: 500 }) }),
      aVerdict({ trafficDirection: 'EGRESS' }),
      aVerdict({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: 80 } }),
    ];
    expect(taken(flows).verdicts).toHaveLength(5);
  });

  test('drops, replies and flows that may be replies are no verdicts that let something pass', () =>
    expect(
      taken([aVerdict({ verdict: 'DROPPED' }), aVerdict({ isReply: true }), aVerdict({ isReply: undefined })]).verdicts,
    ).toEqual([]));

  test('an address outside comes with the names learned for it and those that Hubble resolved', () => {
    const flow = aVerdict({ destination: world, destinationNames: ['b.example.'] });
    expect(taken([flow], LATER, (address) => (address === '10.0.2.40' ? ['a.example.'] : [])).verdicts[0]?.names).toEqual([
      'a.example.',
      'b.example.',
    ]);
  });

  test('requests are told apart without their query, and answers are none', () => {
    const get = (path: string, code = 0) => anHttpFlow('GET', `http://ledger.payments:9090${path}`, code);
    expect(taken([get('/a?x=1'), get('/a?x=2'), get('/b'), get('/a', 200)]).requests.map(({ count }) => count)).toEqual([2, 1]);
  });

  test('an end waits a minute before it is judged, and is handed over once', () => {
    const samples = new FlowSamples();
    samples.observe(aVerdict());
    const ends = (now: number) => samples.take(now, new Set(), [], () => []).ends;
    expect(ends(SEEN_AT + 59_000)).toEqual([]);
    expect(ends(LATER).map(({ side }) => side)).toEqual(['source', 'destination']);
    expect(ends(LATER)).toEqual([]);
  });

  test('reserved identities and those of addresses are no ends to look at', () => {
    const flow = aVerdict({ source: world, destination: anEndpoint({ identity: 16_777_300 }) });
    expect(taken([flow]).ends).toEqual([]);
  });
});

describe('samples of device traces', () => {
  test.each([
    { name: 'before', flows: [at('TO_CRYPTO', 0), at('TO_NETWORK', 1)] },
    { name: 'after', flows: [at('TO_NETWORK', 0), at('TO_CRYPTO', 1)] },
  ])('a packet whose connection was seen at to-crypto $name is none in clear', ({ flows }) =>
    expect(taken(flows).traces).toMatchObject({ inClear: [], toCrypto: 1, toNetwork: 1 }),
  );

  test('a packet waits five seconds for its connection', () => {
    const samples = new FlowSamples();
    const clear = (now: number) => samples.take(now, new Set(), [], () => []).traces.inClear;
    samples.observe(at('TO_NETWORK', 0));
    expect(clear(SEEN_AT + 4000)).toEqual([]);
    expect(clear(SEEN_AT + 6000)).toHaveLength(1);
    expect(clear(SEEN_AT + 9000)).toEqual([]);
  });

  test('a connection is remembered for at least a minute', () => {
    const samples = new FlowSamples();
    samples.observe(at('TO_CRYPTO', 0));
    samples.take(SEEN_AT + 1000, new Set(), [], () => []);
    samples.observe(at('TO_NETWORK', 50_000));
    expect(samples.take(SEEN_AT + 59_000, new Set(), [], () => []).traces.inClear).toEqual([]);
  });
});

describe('what does not fit', () => {
  test('is counted and said', () => {
    const flows = Array.from({ length: 5003 }, (_, port) =>
      aVerdict({ l4: { protocol: 'TCP', sourcePort: 1, destinationPort: port + 1 } }),
    );
    const window = taken(flows);
    expect(window.verdicts).toHaveLength(5000);
    expect(window.incomplete).toEqual(['3 flows were of more kinds than are told apart.']);
  });

  test('connections beyond the bound make R3 doubt', () => {
    const samples = new FlowSamples();
    for (let port = 0; port < 2001; port += 1) samples.observe(at('TO_NETWORK', 0, port));
    expect(samples.take(LATER, new Set(), [], () => []).traces.forgot).toBe(true);
  });
});

test('revisions before a change of policies and since are kept apart', () => {
  const samples = new FlowSamples();
  const named = (revision: number) =>
    aVerdict({
      ingressAllowedBy: [{ kind: 'CiliumNetworkPolicy', namespace: 'a', name: 'b', revision, labels: [] }],
    });
  samples.observe(named(41));
  samples.inForce('h2', SEEN_AT);
  samples.inForce('h2', SEEN_AT + 99);
  samples.observe(named(42));
  const { changedAt, before, since } = samples.propagation;
  expect([changedAt, [...before.values()], [...since.values()]]).toEqual([SEEN_AT, [41], [42]]);
});
