import { expect, test } from 'vitest';
import type { DropPair, DropsReport } from '#lib/api/drops.ts';
import { clock } from '#components/ui/format.ts';
import { fullBuckets, lostSentence, lostStretches, pairsDeniedBy, reasonRows, sortPairs } from './drops-view.ts';

const at = Date.UTC(2026, 2, 2, 13);
const minute = 60_000;

const aReport = (overrides: Partial<DropsReport> = {}): DropsReport => ({
  from: at,
  to: at + 5 * minute,
  stepMs: minute,
  times: [0, 1, 2, 3, 4].map((index) => at + index * minute),
  total: 0,
  before: 0,
  flows: 0,
  flowsBefore: 0,
  series: [0, 0, 0, 0, 0],
  seriesBefore: [0, 0, 0, 0, 0],
  seriesPolicy: [0, 0, 0, 0, 0],
  lost: [0, 0, 0, 0, 0],
  silent: [false, false, false, false, false],
  comparable: true,
  remembers: true,
  reasons: [],
  pairs: [],
  namespaces: [],
  policies: [],
  nodes: [],
  coverage: { nodesReporting: 4, nodesExpected: 4, missing: [], lost: {}, lostTotal: 0, gaps: [] },
  ...overrides,
});

const reason = (key: string, count: number, before: number) => ({ key, count, before, series: [] });

const aPair = (overrides: Partial<DropPair> = {}): DropPair => ({
  key: 'a',
  source: 'gateway/web-bff',
  destination: 'payments/payments-db',
  protocol: 'TCP',
  port: 5432,
  reason: 'POLICY_DENIED',
  direction: 'EGRESS',
  count: 1,
  before: 1,
  series: [],
  firstSeen: at,
  lastSeen: at,
  newlySeen: false,
  policies: [],
  nodes: [],
  flows: 1,
  exampleUuid: '',
  ...overrides,
});

test('reasons that are new stand first, then those with most drops', () => {
  const reasons = [
    reason('POLICY_DENIED', 46_735, 26_000),
    reason('UNENCRYPTED_TRAFFIC', 697, 0),
    reason('INVALID_SOURCE_IP', 9_168, 10_000),
  ];
  const rows = reasonRows(aReport({ reasons }));
  expect(rows.map((row) => row.reason)).toEqual(['UNENCRYPTED_TRAFFIC', 'POLICY_DENIED', 'INVALID_SOURCE_IP']);
  expect(rows.map((row) => row.policy)).toEqual([false, true, false]);
});

test('nothing is new where there is nothing to compare with', () => {
  const reasons = [reason('UNENCRYPTED_TRAFFIC', 697, 0), reason('POLICY_DENIED', 46_735, 0)];
  const rows = reasonRows(aReport({ reasons, comparable: false }));
  expect(rows.map((row) => [row.reason, row.fresh])).toEqual([
    ['POLICY_DENIED', false],
    ['UNENCRYPTED_TRAFFIC', false],
  ]);
});

test.each([
  ['newest', ['new', 'most', 'rising', 'steady']],
  ['drops', ['most', 'rising', 'new', 'steady']],
  ['change', ['new', 'rising', 'most', 'steady']],
  ['last', ['steady', 'most', 'rising', 'new']],
] as const)('pairs sorted by %s', (sort, expected) => {
  const pairs = [
    aPair({ key: 'steady', count: 5, before: 5, lastSeen: at + 9 }),
    aPair({ key: 'rising', count: 90, before: 10 }),
    aPair({ key: 'new', count: 50, before: 0, newlySeen: true }),
    aPair({ key: 'most', count: 100, before: 100 }),
  ];
  expect(sortPairs(pairs, sort).map(({ key }) => key)).toEqual(expected);
});

test('neighbouring minutes with losses are one stretch', () => {
  expect(lostStretches(aReport({ lost: [0, 100, 112, 0, 7] }))).toEqual([
    { from: at + minute, to: at + 3 * minute, events: 212 },
    { from: at + 4 * minute, to: at + 5 * minute, events: 7 },
  ]);
});

test('one sentence says what was lost, where and when', () => {
  const coverage = {
    ...aReport().coverage,
    lost: { 'aegis-production/ip-10-20-3-11': 212 },
    lostTotal: 212,
    missing: ['aegis-production/ip-10-20-4-11'],
    gaps: [{ from: at, to: at + minute, reason: 'relay-unreachable', nodeName: '' }],
  };
  expect(lostSentence(aReport({ lost: [0, 100, 112, 0, 0], coverage }), clock)).toBe(
    '13:01–13:03: 212 events lost on ip-10-20-3-11. ip-10-20-4-11 does not report. No flows from 13:00 to 13:01.',
  );
  expect(lostSentence(aReport(), clock)).toBe('');
});

test('a chosen policy leaves the pairs it denied, none chosen leaves all', () => {
  const policy = 'CiliumNetworkPolicy:payments/ledger';
  const pairs = [aPair({ key: 'a', policies: [policy] }), aPair({ key: 'b' }), aPair({ key: 'c', policies: ['x', policy] })];
  expect(pairsDeniedBy(pairs, policy).map(({ key }) => key)).toEqual(['a', 'c']);
  expect(pairsDeniedBy(pairs, 'CiliumNetworkPolicy:payments').map(({ key }) => key)).toEqual([]);
  expect(pairsDeniedBy(pairs, null)).toBe(pairs);
  // Nothing is named where no rule allows it.
  expect(pairsDeniedBy([...pairs, aPair({ key: 'd', reason: 'L7_DENIED' })], 'default-deny').map(({ key }) => key)).toEqual([
    'b',
  ]);
});

test('minutes of which nothing is known are said, and a step that has not ended is drawn only when it is all there is', () => {
  const young = aReport({ silent: [true, true, false, false, false], to: at + 4.5 * minute });
  expect(lostSentence(young, clock)).toBe('Nothing was received before 13:02.');
  expect(fullBuckets(young)).toBe(4);
  expect(fullBuckets({ ...young, silent: [true, true, true, true, false] })).toBe(5);
});
