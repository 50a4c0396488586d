import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Flow, VERDICTS } from '#lib/flow/flow.ts';
import { aDnsFlow, aDroppedFlow, aFlow, anHttpFlow, arbFlow, ledger, world } from '#lib/testing/flows.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { type LedgerBatch, LedgerBuffer, type LedgerOptions } from './aggregate.ts';
import { compact, DAY_MS, HOUR_MS } from './compaction.ts';
import { labelSetOf } from './label-set.ts';
import { type CountRow, type TrafficTuple, tupleId, type TupleRow } from './tuple.ts';

const START = Date.UTC(2026, 2, 2, 14);

/** A ledger with its attribution, fed by `add`. */
function aLedger(options: Partial<LedgerOptions> = {}) {
  const attribution = new Attribution();
  const buffer = new LedgerBuffer({ directory: attribution.directory, ...options });
  return {
    attribution,
    drain: () => buffer.drain(),
    add: (...flows: readonly Flow[]) => {
      for (const flow of flows) buffer.add(flow, attribution.attribute(flow));
    },
  };
}

/** What a database holds after these batches: each tuple once, counts of the same tuple and bucket added. */
function stored(batches: readonly LedgerBatch[]): { tuples: Map<string, TupleRow>; counts: CountRow[] } {
  const tuples = new Map<string, TupleRow>();
  for (const batch of batches) for (const tuple of batch.tuples) if (!tuples.has(tuple.id)) tuples.set(tuple.id, tuple);
  return {
    tuples,
    counts: compact(
      batches.flatMap(({ counts }) => counts),
      60_000,
    ),
  };
}

const flowsOf = (counts: readonly CountRow[]): number => counts.reduce((sum, { flows }) => sum + flows, 0);
const inDay = (flow: Flow): Flow => ({ ...flow, time: START + (flow.time % (6 * HOUR_MS)) });
const byVerdict = ({ tuples, counts }: ReturnType<typeof stored>) =>
  new Map(VERDICTS.map((verdict) => [verdict, flowsOf(counts.filter(({ tuple }) => tuples.get(tuple)?.verdict === verdict))]));

const arbFlows = fc.array(arbFlow.map(inDay), { maxLength: 50 });
const arbCuts = fc.array(fc.nat(50), { maxLength: 6 });

/** The flows through a ledger that is drained at the cuts, and begun anew there when `restart`. */
function batchesOf(flows: readonly Flow[], cuts: readonly number[], restart: boolean): LedgerBatch[] {
  const batches: LedgerBatch[] = [];
  let current = aLedger();
  flows.forEach((flow, index) => {
    current.add(flow);
    if (!cuts.includes(index)) return;
    batches.push(current.drain());
    if (restart) current = aLedger();
  });
  return [...batches, current.drain()];
}

describe('sums over tuples equal counts over flows', () => {
  test('however the stream is batched and restarted', () => {
    fc.assert(
      fc.property(arbFlows, arbCuts, fc.boolean(), (flows, cuts, restart) => {
        const sums = byVerdict(stored(batchesOf(flows, cuts, restart)));
        for (const verdict of VERDICTS) expect(sums.get(verdict)).toBe(flows.filter((flow) => flow.verdict === verdict).length);
      }),
    );
  });

  test('and however it is compacted, in one step or in several', () => {
    fc.assert(
      fc.property(arbFlows, arbCuts, (flows, cuts) => {
        const { counts } = stored(batchesOf(flows, cuts, false));
        const byDay = sortedRows(compact(counts, DAY_MS));
        expect(sortedRows(compact(compact(counts, HOUR_MS), DAY_MS))).toEqual(byDay);
        expect(flowsOf(byDay)).toBe(flows.length);
      }),
    );
  });

  test('and whatever limits are met', () => {
    fc.assert(
      fc.property(arbFlows, fc.nat(5), fc.nat(3), (flows, entries, shapesPerEdge) => {
        const tight = aLedger({ limits: { entries, shapesPerEdge } });
        tight.add(...flows);
        const sums = byVerdict(stored([tight.drain()]));
        for (const verdict of VERDICTS) expect(sums.get(verdict)).toBe(flows.filter((flow) => flow.verdict === verdict).length);
      }),
    );
  });

  test('and batches hold the same tuples as the whole stream', () => {
    fc.assert(
      fc.property(arbFlows, arbCuts, (flows, cuts) => {
        const whole = stored(batchesOf(flows, [], false));
        const cut = stored(batchesOf(flows, cuts, false));
        expect([...cut.tuples.keys()].toSorted()).toEqual([...whole.tuples.keys()].toSorted());
        expect(sortedRows(cut.counts)).toEqual(sortedRows(whole.counts));
      }),
    );
  });

  test('and a drained buffer holds nothing', () => {
    const buffer = aLedger();
    buffer.add(aFlow());
    buffer.drain();
    expect(buffer.drain()).toEqual({ tuples: [], counts: [], labelSets: [], identities: [] });
  });
});

const sortedRows = (rows: readonly CountRow[]): CountRow[] =>
  rows.toSorted((a, b) => a.bucket - b.bucket || (a.tuple < b.tuple ? -1 : 1));

describe('a tuple', () => {
  test('says who, what and with which outcome', () => {
    const buffer = aLedger();
    const policy = { name: 'deny', namespace: 'payments', kind: 'CiliumNetworkPolicy', revision: 3, labels: [] };
    const flow = aFlow({
      time: START + 90_000,
      verdict: 'DROPPED',
      dropReason: 'POLICY_DENY',
      eventType: { type: 5, subType: 0 },
      ingressDeniedBy: [policy],
      authType: 'SPIRE',
    });
    buffer.add(flow);
    const { tuples, counts } = buffer.drain();
    expect(tuples).toMatchObject([
      {
        source: { node: 'payments/checkout-api', namespace: 'payments', workload: 'checkout-api', identity: 24110 },
        destination: { node: 'payments/ledger', identity: 24587 },
        direction: 'INGRESS',
        protocol: 'TCP',
        port: 9090,
        l7: null,
        verdict: 'DROPPED',
        drop_reason: 'POLICY_DENY',
        policies: ['cnp:payments/deny'],
        encryption: '',
        auth: 'SPIRE',
        other: false,
        nodes: ['aegis-production/ip-10-20-2-11'],
        example_uuid: flow.uuid,
      },
    ]);
    expect(counts).toEqual([
      { tuple: tuples[0]?.id, bucket: START + 60_000, flows: 1, first_seen_ms: flow.time, last_seen_ms: flow.time },
    ]);
  });

  test('is the same for pods of one workload and identity, and for request and reply', () => {
    const buffer = aLedger();
    const reply = aFlow({
      source: ledger,
      destination: aFlow().source,
      l4: { protocol: 'TCP', sourcePort: 9090, destinationPort: 32984 },
      isReply: true,
    });
    buffer.add(aFlow(), aFlow({ destination: { ...ledger, podName: 'ledger-6b8d4f7c9-xk2lp' } }), reply);
    expect(buffer.drain()).toMatchObject({ tuples: [{ port: 9090 }], counts: [{ flows: 3 }] });
  });

  test('is another for another identity of the same workload', () => {
    const buffer = aLedger();
    buffer.add(aFlow(), aFlow({ destination: { ...ledger, identity: 60417 } }));
    expect(new Set(buffer.drain().tuples.map(({ destination }) => destination.identity))).toEqual(new Set([24587, 60417]));
  });

  test('does not tell apart identities outside the cluster, which differ from node to node', () => {
    const buffer = aLedger();
    for (const identity of [16_777_301, 16_777_399])
      buffer.add(aFlow({ destination: { ...world, identity }, destinationNames: ['api.example.com'] }));
    expect(buffer.drain().tuples).toMatchObject([{ destination: { node: 'fqdn:api.example.com', identity: 0, labels: '' } }]);
  });

  test('tells requests apart by method, host and templated path', () => {
    const buffer = aLedger();
    for (const order of [1, 2, 3]) buffer.add(anHttpFlow('GET', `http://ledger.payments:9090/v1/orders/${order}`));
    buffer.add(anHttpFlow('POST', 'http://ledger.payments:9090/v1/orders'), aDnsFlow('Api.Example.com.'));
    expect(buffer.drain().tuples.map(({ l7 }) => l7)).toEqual([
      { kind: 'http', method: 'GET', host: 'ledger.payments:9090', path: '/v1/orders/{number}' },
      { kind: 'http', method: 'POST', host: 'ledger.payments:9090', path: '/v1/orders' },
      { kind: 'dns', name: 'api.example.com' },
    ]);
  });

  test('has an id that is the same in every run and version, or stored counts would lose their tuples', () => {
    const peer = { node: 'payments/ledger', namespace: 'payments', workload: 'ledger', identity: 24587, labels: '' };
    const tuple: TrafficTuple = {
      source: peer,
      destination: { ...peer, node: 'fqdn:api.example.com', namespace: '', workload: '', identity: 0 },
      direction: 'EGRESS',
      protocol: 'TCP',
      port: 443,
      l7: { kind: 'http', method: 'GET', host: 'api.example.com', path: '/v1/{number}' },
      verdict: 'FORWARDED',
      drop_reason: '',
      policies: ['cnp:payments/out'],
      encryption: '',
      auth: '',
      other: false,
    };
    expect(tupleId(tuple)).toBe('-3293557633292837469');
    expect(tupleId({ ...tuple, l7: { path: '/v1/{number}', host: 'api.example.com', method: 'GET', kind: 'http' } })).toBe(
      tupleId(tuple),
    );
    expect(tupleId({ ...tuple, port: 80 })).not.toBe(tupleId(tuple));
  });
});

describe('label sets', () => {
  test('are handed over once, with the identities that carry them', () => {
    const buffer = aLedger();
    buffer.add(aFlow());
    const { labelSets, identities, tuples } = buffer.drain();
    const expected = labelSetOf(ledger.labels);
    expect(labelSets).toContainEqual(expected);
    expect(identities).toContainEqual({ identity: 24587, labelSet: expected.hash });
    expect(tuples[0]?.destination.labels).toBe(expected.hash);
    buffer.add(aFlow());
    expect(buffer.drain().labelSets).toEqual([]);
  });

  test('come from the directory where the stream is masked', () => {
    const labels = ['k8s:app=ledger'];
    const buffer = aLedger({ labelsOf: (identity) => (identity === 24587 ? labels : undefined) });
    buffer.add(aFlow({ source: { ...aFlow().source, labels: [] }, destination: { ...ledger, labels: [] } }));
    expect(buffer.drain().tuples).toMatchObject([{ source: { labels: '' }, destination: { labels: labelSetOf(labels).hash } }]);
  });

  test('have one hash whatever the order of labels', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (labels) => {
        expect(labelSetOf(labels.toReversed())).toEqual(labelSetOf([...labels, ...labels]));
      }),
    );
  });
});

describe('against floods', () => {
  test('random names share one tuple beyond the limit, and a finding says so', () => {
    const buffer = aLedger();
    for (let index = 0; index < 5000; index++) buffer.add(aDnsFlow(`x${index}.evil.example.`));
    const { tuples, counts } = buffer.drain();
    expect(tuples).toHaveLength(101);
    expect(flowsOf(counts)).toBe(5000);
    const other = tuples.find((tuple) => tuple.other);
    expect(other).toMatchObject({ l7: { kind: 'other' } });
    expect(counts.find(({ tuple }) => tuple === other?.id)?.flows).toBe(4900);
    expect(buffer.attribution.directory.findings).toMatchObject([
      { kind: 'l7-shapes', destination: 'payments/ledger', flows: 4900 },
    ]);
  });

  test('a port scan shares one tuple beyond the limit', () => {
    const buffer = aLedger();
    for (let port = 1; port <= 500; port++)
      buffer.add(aDroppedFlow({ l4: { protocol: 'TCP', sourcePort: 40_000, destinationPort: port, flags: ['SYN'] } }));
    const { tuples, counts } = buffer.drain();
    expect(tuples).toHaveLength(33);
    expect(tuples.find(({ other }) => other)).toMatchObject({ port: 0 });
    expect(flowsOf(counts)).toBe(500);
  });

  test('more tuples than memory is meant for are counted together, by outcome', () => {
    const buffer = aLedger({ limits: { entries: 10 } });
    for (let identity = 1000; identity < 1100; identity++) buffer.add(aFlow({ source: { ...aFlow().source, identity } }));
    const { tuples, counts } = buffer.drain();
    expect(tuples).toHaveLength(11);
    expect(tuples.find(({ other }) => other)).toMatchObject({ source: { node: 'entity:other' }, verdict: 'FORWARDED' });
    expect(flowsOf(counts)).toBe(100);
  });
});

describe.skipIf(recordingMissing() !== undefined)('the recorded cluster', () => {
  test('gives a few hundred tuples whose counts are those of its 5,001 flows', () => {
    const buffer = aLedger();
    buffer.add(...recordedFlows());
    const result = stored([buffer.drain()]);
    expect(flowsOf(result.counts)).toBe(5001);
    expect(Object.fromEntries(byVerdict(result))).toEqual({
      VERDICT_UNKNOWN: 0,
      FORWARDED: 4262,
      DROPPED: 355,
      ERROR: 3,
      AUDIT: 5,
      REDIRECTED: 354,
      TRACED: 11,
      TRANSLATED: 11,
    });
    expect(result.tuples.size).toBeLessThan(450);
  });

  test('keeps the rare edge that policies made from traffic must not lose', () => {
    const buffer = aLedger();
    buffer.add(...recordedFlows());
    const rare = buffer
      .drain()
      .tuples.filter(({ source, destination }) => source.workload === 'checkout-api' && destination.workload === 'payments-db');
    expect(rare.flatMap(({ policies }) => policies)).toEqual(
      expect.arrayContaining(['cnp:payments/db-from-reconcile', 'cnp:payments/checkout-egress']),
    );
  });
});
