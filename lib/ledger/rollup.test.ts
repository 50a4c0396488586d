import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DropsReport } from '#lib/api/drops.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { TopologyJson } from '#lib/api/topology.ts';
import { isDrop } from '#lib/flow/drops.ts';
import { type Flow, VERDICTS } from '#lib/flow/flow.ts';
import { aDroppedFlow, aFlow, anEndpoint, anHttpFlow, arbFlow, ledger } from '#lib/testing/flows.ts';
import { recordedFlows, recordingMissing } from '#lib/testing/recording.ts';
import { Attribution } from '#lib/topology/attribution.ts';
import { RollingTopology } from '#lib/topology/rolling.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import { dropsFilterOf } from './drops-filter.ts';
import { type DropsReportOptions, dropsReportOf } from './drops-report.ts';
import { restoreRolling } from './restore.ts';
import { RollupBuffer } from './rollup-buffer.ts';
import { mergeRollups } from './rollup-sum.ts';
import { topologyOfRollups } from './rollup-topology.ts';
import type { Rollup } from './rollup.ts';
import { bucketsOf, timelineOf } from './timeline.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 2, 2, 14);
const HOUR_LATER = START + 60 * MINUTE;
const coverage: Coverage = {
  nodesReporting: 4,
  nodesExpected: 4,
  missing: [],
  lost: {},
  lostTotal: 0,
  gaps: [],
  newestFlow: undefined,
};

const inHour = (flow: Flow): Flow => ({ ...flow, time: START + (flow.time % (60 * MINUTE)) });
const arbFlows = fc.array(arbFlow.map(inHour), { maxLength: 40 });

/** The rollups of these flows, drained after each of `cuts`, as they come back from a database. */
function rollupsOf(flows: readonly Flow[], cuts: readonly number[] = [], attribution = new Attribution()): Rollup[] {
  const buffer = new RollupBuffer();
  const rollups: Rollup[] = [];
  flows.forEach((flow, index) => {
    buffer.add(flow, attribution.attribute(flow));
    if (cuts.includes(index)) rollups.push(...buffer.drain());
  });
  return JSON.parse(JSON.stringify([...rollups, ...buffer.drain()]));
}

const window = { cluster: 'test', from: START, to: HOUR_LATER, now: HOUR_LATER, coverage };
const timelineOptions = { from: START, to: HOUR_LATER, stepMs: 5 * MINUTE, coverage };
const reportOptions: DropsReportOptions = { ...timelineOptions, comparable: true, remembers: true, earlier: new Set() };
const sorted = <T extends { readonly key: string }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (a.key < b.key ? -1 : 1));

describe('rollups of batches', () => {
  test('say the same as rollups of the whole stream', () => {
    fc.assert(
      fc.property(arbFlows, fc.array(fc.nat(40), { maxLength: 5 }), (flows, cuts) => {
        const whole = rollupsOf(flows);
        const cut = rollupsOf(flows, cuts);
        expect(timelineOf(cut, timelineOptions)).toEqual(timelineOf(whole, timelineOptions));
        expect(sorted(topologyOfRollups(cut, { ...window, level: 'workload' }).edges)).toEqual(
          sorted(topologyOfRollups(whole, { ...window, level: 'workload' }).edges),
        );
        expect(sorted(dropsReportOf(cut, reportOptions).pairs)).toEqual(sorted(dropsReportOf(whole, reportOptions).pairs));
      }),
    );
  });

  test('may be merged into hours first', () => {
    fc.assert(
      fc.property(arbFlows, (flows) => {
        const minutes = rollupsOf(flows);
        const hour = [mergeRollups(minutes, START)];
        const options = { ...timelineOptions, stepMs: 60 * MINUTE };
        expect(timelineOf(hour, options)).toEqual(timelineOf(minutes, options));
        expect(sorted(topologyOfRollups(hour, { ...window, level: 'namespace' }).edges)).toEqual(
          sorted(topologyOfRollups(minutes, { ...window, level: 'namespace' }).edges),
        );
      }),
    );
  });
});

describe('the map of rollups', () => {
  test('is the one that was in memory', () => {
    fc.assert(
      fc.property(arbFlows, (flows) => {
        const rolling = new RollingTopology({ cluster: 'test' });
        const buffer = new RollupBuffer();
        for (const flow of flows) {
          const seen = rolling.attribution.attribute(flow);
          rolling.add(flow, seen);
          buffer.add(flow, seen);
        }
        const rollups = buffer.drain();
        for (const level of ['workload', 'namespace'] as const) {
          const stored = TopologyJson.parse(JSON.parse(JSON.stringify(topologyOfRollups(rollups, { ...window, level }))));
          const live = TopologyJson.parse(
            JSON.parse(JSON.stringify(rolling.snapshot(level, START, HOUR_LATER, HOUR_LATER, coverage))),
          );
          expect(sorted(stored.edges)).toEqual(sorted(live.edges));
          const verdicts = ({ nodes }: typeof stored) => new Map(nodes.map((node) => [node.id, [node.kind, node.verdicts]]));
          expect(verdicts(stored)).toEqual(verdicts(live));
        }
      }),
    );
  });

  test('counts the pods of a minute', () => {
    const pods = [0, 1, 2].map((replica) =>
      anEndpoint({ podName: `web-${replica}`, workload: { name: 'web', kind: 'StatefulSet' } }),
    );
    const rollups = rollupsOf(
      pods.map((source) => aFlow({ time: START, source })),
      [0, 1],
    );
    const { nodes } = topologyOfRollups(rollups, { ...window, level: 'workload' });
    expect(nodes.find(({ id }) => id === 'payments/web')).toMatchObject({ pods: 3, workloadKind: 'StatefulSet' });
  });

  test('survives a restart: a topology restored from rollups shows the same edges', () => {
    fc.assert(
      fc.property(arbFlows, (flows) => {
        const rollups = rollupsOf(flows);
        const rolling = new RollingTopology({ cluster: 'test' });
        restoreRolling(rolling, rollups);
        for (const level of ['workload', 'namespace'] as const) {
          const before = topologyOfRollups(rollups, { ...window, level }).edges;
          const after = rolling.snapshot(level, START, HOUR_LATER, HOUR_LATER, coverage).edges;
          expect(new Map(after.map(({ key, flows: count, drops, http }) => [key, { count, drops, http }]))).toEqual(
            new Map(before.map(({ key, flows: count, drops, http }) => [key, { count, drops, http }])),
          );
        }
      }),
    );
  });

  test('and counts a workload that was restored as no further pod beside those that are seen', () => {
    const flow = aFlow({ time: START });
    const rolling = new RollingTopology({ cluster: 'test' });
    const podsNow = () => {
      const { nodes } = rolling.snapshot('workload', START, HOUR_LATER, HOUR_LATER, coverage);
      return nodes.map(({ pods }) => pods);
    };
    restoreRolling(rolling, rollupsOf([flow]));
    expect(podsNow()).toEqual([1, 1]);
    rolling.add(flow, rolling.attribution.attribute(flow));
    expect(podsNow()).toEqual([1, 1]);
  });
});

/** How many flows `hubble observe` prints for each value of a filter. */
function printedBy(flows: readonly Flow[], valuesOf: (flow: Flow) => readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const flow of flows)
    for (const value of new Set(valuesOf(flow))) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
const namespacesOf = ({ source, destination }: Flow): readonly string[] => [source.namespace, destination.namespace];

describe('a timeline', () => {
  test('has totals that are exact, and series that add up to them', () => {
    fc.assert(
      fc.property(arbFlows, (flows) => {
        const timeline = timelineOf(rollupsOf(flows), timelineOptions);
        Timeline.parse(JSON.parse(JSON.stringify(timeline)));
        const { totals } = timeline;
        expect(totals.flows).toBe(flows.length);
        expect(total(timeline.flows)).toBe(flows.length);
        expect(total(timeline.drops)).toBe(flows.filter(isDrop).length);
        for (const verdict of VERDICTS)
          expect(totals.verdicts[verdict] ?? 0).toBe(flows.filter((flow) => flow.verdict === verdict).length);
        expect(new Map(Object.entries(totals.namespaces))).toEqual(printedBy(flows, namespacesOf));
        expect(new Map(Object.entries(totals.nodes))).toEqual(printedBy(flows, ({ nodeName }) => [nodeName]));
      }),
    );
  });

  test('of one edge counts that edge alone', () => {
    const other = aFlow({
      time: START,
      destination: { ...ledger, namespace: 'b', podName: 'db-0', workload: { name: 'db', kind: 'StatefulSet' } },
    });
    const rollups = rollupsOf([aFlow({ time: START }), other, other]);
    const ofEdge = (key: string, level: 'workload' | 'namespace') =>
      timelineOf(rollups, { ...timelineOptions, edge: { key, level } }).totals;
    expect(ofEdge('payments/checkout-api->b/db:TCP/9090', 'workload')).toMatchObject({
      flows: 2,
      namespaces: { payments: 2, b: 2 },
    });
    expect(ofEdge('payments->payments:TCP/9090', 'namespace')).toMatchObject({ flows: 1, namespaces: { payments: 1 } });
  });

  test('shows events lost in their bucket', () => {
    const buffer = new RollupBuffer();
    buffer.addLost({
      time: START + 6 * MINUTE,
      nodeName: 'c/a',
      source: 'HUBBLE_RING_BUFFER',
      count: 7,
      first: undefined,
      last: undefined,
    });
    expect(timelineOf(buffer.drain(), timelineOptions).lost.slice(0, 3)).toEqual([0, 7, 0]);
  });

  test('has whole buckets that cover its time', () => {
    expect(bucketsOf(START + 30_000, START + 10 * MINUTE, 5 * MINUTE)).toEqual([START, START + 5 * MINUTE]);
    expect(bucketsOf(START, START, MINUTE)).toEqual([START]);
  });
});

describe('a report of drops', () => {
  const policy = { name: 'deny-all', namespace: 'payments', kind: 'CiliumNetworkPolicy', revision: 1, labels: [] };
  const drop = (minute: number, overrides: Partial<Flow> = {}) => aDroppedFlow({ time: START + minute * MINUTE, ...overrides });
  const denial = (minute: number) =>
    drop(minute, { dropReason: 'POLICY_DENY', eventType: { type: 5, subType: 0 }, ingressDeniedBy: [policy] });
  const last10 = { ...reportOptions, from: START + 20 * MINUTE, to: START + 30 * MINUTE, stepMs: MINUTE };

  test('counts each packet once, beside the window before', () => {
    const report = dropsReportOf(
      rollupsOf([drop(15), drop(21), drop(21), drop(29), aFlow({ time: START + 22 * MINUTE }), drop(5), drop(31)]),
      last10,
    );
    expect(report).toMatchObject({ total: 3, before: 1, flows: 4, flowsBefore: 1, seriesPolicy: report.series });
    expect(report.series).toEqual([0, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(report.seriesBefore).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(report.reasons).toEqual([{ key: 'POLICY_DENIED', count: 3, before: 1, series: report.series }]);
    expect(DropsReport.parse(JSON.parse(JSON.stringify(report))).pairs).toHaveLength(1);
  });

  test('tells minutes without drops from minutes of which nothing is known, whatever is asked about', () => {
    const flows = [aFlow({ time: START + 21 * MINUTE }), drop(23)];
    const filter = { matchesEdge: () => false, matchesDrop: () => false, matchesNode: () => false };
    const { silent } = dropsReportOf(rollupsOf(flows), { ...last10, filter });
    expect(silent.flatMap((nothing, index) => (nothing ? [] : [index]))).toEqual([1, 3]);
  });

  test('names the policies of the verdict that came with the drop, and a default deny as such', () => {
    const flows = [denial(21), drop(21, { dropReason: 'POLICY_DENY' }), drop(22)];
    const report = dropsReportOf(rollupsOf(flows), last10);
    expect(report.total).toBe(2);
    expect(report.policies).toEqual([
      { key: 'cnp:payments/deny-all', count: 1, before: 0 },
      { key: 'default-deny', count: 1, before: 0 },
    ]);
    expect(report.pairs.map(({ reason, policies }) => [reason, policies])).toEqual([
      ['POLICY_DENIED', []],
      ['POLICY_DENY', ['cnp:payments/deny-all']],
    ]);
  });

  test('puts newly seen drops first, and says so only of what nothing earlier knows', () => {
    const fresh = drop(22, { dropReason: 'STALE_OR_UNROUTABLE_IP' });
    const old = [drop(21), drop(21), drop(22)];
    const report = dropsReportOf(rollupsOf([...old, fresh]), {
      ...last10,
      earlier: new Set(['payments/checkout-api->payments/ledger:TCP/9090 POLICY_DENIED']),
    });
    expect(report.pairs.map(({ reason, newlySeen, count, flows }) => [reason, newlySeen, count, flows])).toEqual([
      ['STALE_OR_UNROUTABLE_IP', true, 1, 4],
      ['POLICY_DENIED', false, 3, 4],
    ]);
  });

  test('a drop of the window before is not newly seen', () => {
    expect(dropsReportOf(rollupsOf([drop(15), drop(25)]), last10).pairs[0]).toMatchObject({
      newlySeen: false,
      before: 1,
      count: 1,
    });
  });

  test('lists namespaces and nodes, each drop once for a namespace', () => {
    const report = dropsReportOf(rollupsOf([drop(21), drop(22, { nodeName: 'c/b' })]), last10);
    expect(report.namespaces).toEqual([{ key: 'payments', count: 2, before: 0 }]);
    expect(report.nodes.map(({ key, count }) => [key, count])).toEqual([
      ['aegis-production/ip-10-20-2-11', 1],
      ['c/b', 1],
    ]);
  });

  const filtered = (query: Parameters<typeof dropsFilterOf>[0]) => {
    const filter = dropsFilterOf(query);
    if (!filter.ok) throw new Error(filter.unsupported.join());
    const flows = [
      drop(21),
      drop(22, { nodeName: 'c/b' }),
      drop(22, { dropReason: 'AUTH_REQUIRED' }),
      aFlow({ time: START + 21 * MINUTE }),
    ];
    const report = dropsReportOf(rollupsOf(flows), { ...last10, filter: filter.filter });
    return [report.total, report.flows];
  };

  test.each([
    ['everything', {}, undefined, [3, 4]],
    ['a reason', { dropReason: ['AUTH_REQUIRED'] }, undefined, [1, 4]],
    ['a node', { node: ['c/*'] }, undefined, [1, 4]],
    ['a node without its cluster', { node: ['ip-10-20-2-11'] }, undefined, [2, 4]],
    ['a namespace', { namespace: ['payments'] }, undefined, [3, 4]],
    ['another namespace', { sourceNamespace: ['gateway'] }, undefined, [0, 0]],
    ['a workload', { workload: ['payments/ledger'] }, undefined, [3, 4]],
    ['a port and a reason', { port: [9090], dropReason: ['POLICY_DENIED'] }, undefined, [2, 4]],
    ['all but a reason', undefined, { dropReason: ['POLICY_DENIED'] }, [1, 4]],
    ['all but a node', undefined, { node: ['c/b'] }, [2, 4]],
    ['all but a workload', undefined, { destinationWorkload: ['ledger'] }, [0, 0]],
  ])('can be asked for %s', (_, include, exclude, expected) => {
    expect(filtered({ include: include ? [include] : [], exclude: exclude ? [exclude] : [] })).toEqual(expected);
  });

  test('refuses a filter that only single flows could answer, by name', () => {
    expect(dropsFilterOf({ include: [{ httpPath: ['/x'], namespace: ['a'] }], exclude: [{ ip: ['10.0.0.1'] }] })).toEqual({
      ok: false,
      unsupported: ['httpPath', 'ip'],
    });
  });
});

describe.skipIf(recordingMissing() !== undefined)('the recorded cluster', () => {
  const flows = recordingMissing() === undefined ? recordedFlows() : [];
  const rollups = rollupsOf(flows);
  const options = { ...timelineOptions, to: START + 3 * MINUTE, stepMs: MINUTE };

  test('has the totals that hubble prints', () => {
    const { totals } = timelineOf(rollups, options);
    expect(totals.flows).toBe(5001);
    expect(totals.verdicts).toMatchObject({ FORWARDED: 4262, DROPPED: 355, AUDIT: 5 });
    expect(new Map(Object.entries(totals.namespaces))).toEqual(printedBy(flows, namespacesOf));
    expect(Object.keys(totals.nodes)).toHaveLength(4);
  });

  test('explains its drops: 194 packets, by reason, with the policies that Hubble named', () => {
    const report = dropsReportOf(rollups, { ...reportOptions, ...options });
    expect(report.total).toBe(194);
    expect(report.reasons.slice(0, 3).map(({ key, count }) => [key, count])).toEqual([
      ['POLICY_DENIED', 134],
      ['POLICY_DENY', 22],
      ['L7_DENIED', 11],
    ]);
    expect(report.policies).toContainEqual({ key: 'cnp:spire-server/deny-non-agents', count: 13, before: 0 });
    expect(report.policies).toContainEqual({ key: 'ccnp:deny-egress-unlisted', count: 9, before: 0 });
  });
});

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('text that is a name of Object.prototype is counted like any other', () => {
  const flow = anHttpFlow('GET', 'http://x/__proto__', 200, {
    time: START,
    nodeName: '__proto__',
    source: anEndpoint({ namespace: '__proto__' }),
  });
  const { totals } = timelineOf(rollupsOf([flow]), timelineOptions);
  expect(new Map(Object.entries(totals.namespaces))).toEqual(
    new Map([
      ['__proto__', 1],
      ['payments', 1],
    ]),
  );
  expect(Object.entries(totals.nodes)).toEqual([['__proto__', 1]]);
});
