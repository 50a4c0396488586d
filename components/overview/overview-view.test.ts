import { expect, test } from 'vitest';
import type { DropsReport } from '#lib/api/drops.ts';
import type { Timeline } from '#lib/api/timeline.ts';
import { dropSpark, dropsChart, encryptionFigure, flowRates, meanRate, overviewQuery, topReasons } from './overview-view.ts';

const MINUTE = 60_000;
const coverage = { nodesReporting: 4, nodesExpected: 4, missing: [], lost: {}, lostTotal: 0, gaps: [] };

/** Five minutes, the last of them half over. */
const aReport = (more: Partial<DropsReport> = {}): DropsReport => ({
  from: 0,
  to: 4.5 * MINUTE,
  stepMs: MINUTE,
  times: [0, 1, 2, 3, 4].map((minute) => minute * MINUTE),
  total: 50,
  before: 40,
  flows: 1000,
  flowsBefore: 900,
  series: [10, 10, 10, 15, 5],
  seriesBefore: [8, 8, 8, 8, 8],
  seriesPolicy: [5, 5, 5, 5, 2],
  lost: [0, 0, 0, 0, 0],
  silent: [false, false, false, false, false],
  comparable: true,
  remembers: true,
  reasons: [],
  pairs: [],
  namespaces: [],
  policies: [],
  nodes: [],
  coverage,
  ...more,
});

const aTimeline = (more: Partial<Timeline> = {}): Timeline => ({
  from: 0,
  to: 4.5 * MINUTE,
  stepMs: MINUTE,
  times: [0, 1, 2, 3, 4].map((minute) => minute * MINUTE),
  flows: [600, 600, 600, 600, 300],
  verdicts: {},
  drops: [0, 0, 0, 0, 0],
  lost: [0, 0, 0, 0, 0],
  encrypted: [0, 0, 0, 0, 0],
  plaintext: [0, 0, 0, 0, 0],
  totals: { flows: 2700, drops: 0, verdicts: {}, namespaces: {}, nodes: {} },
  coverage,
  ...more,
});

test.each([
  ['5m', 'range=1h'],
  ['1h', 'range=1h'],
  ['24h', 'range=24h'],
])('the Overview of the last %s asks for %s', (range, query) =>
  expect(overviewQuery({ range, from: null, to: null })).toBe(query),
);

test('a window of the past is taken as it is', () => {
  expect(overviewQuery({ range: '5m', from: 1, to: 2 })).toBe('from=1&to=2');
});

test('the chart leaves out the minute that has not ended, and compares only where there is something to compare with', () => {
  expect(dropsChart(aReport())).toMatchObject({ all: [10, 10, 10, 15], before: [8, 8, 8, 8], sentences: [] });
  expect(dropsChart(aReport({ comparable: false })).before).toBeUndefined();
});

test('minutes without any flow are unknown, hatched and said, not zero', () => {
  const chart = dropsChart(aReport({ series: [0, 0, 10, 10, 5], silent: [true, true, false, false, false] }));
  expect(chart.all).toEqual([Number.NaN, Number.NaN, 10, 10]);
  expect(chart.lost).toEqual([1, 1, 0, 0]);
  expect(chart.sentences).toEqual(['Nothing was received before 00:02.']);
  expect(chart.since).toBeUndefined();
});

test('of a console that has just been started the chart begins with what is known', () => {
  const silent = [true, true, true, false, false];
  const young = aReport({ series: [0, 0, 0, 10, 5], seriesPolicy: [0, 0, 0, 5, 2], silent, comparable: false });
  expect(dropsChart(young)).toMatchObject({
    since: 3 * MINUTE,
    times: [3 * MINUTE],
    all: [10],
    policy: [5],
    lost: [0],
    sentences: [],
  });
  expect(dropsChart({ ...young, comparable: true }).since).toBeUndefined();
});

test('in its first minute there is no chart yet, only the time since which flows come', () => {
  const chart = dropsChart(aReport({ comparable: false, silent: [true, true, true, true, false] }));
  expect(chart).toMatchObject({ since: 4 * MINUTE, times: [], sentences: [] });
});

test('lost events are said with when, how many and where', () => {
  const report = aReport({ lost: [0, 70, 72, 0, 0], coverage: { ...coverage, lost: { 'prod/ip-10-20-3-11': 142 } } });
  expect(dropsChart(report).sentences).toEqual(['00:01–00:03, 142 events lost on ip-10-20-3-11: drops there may be higher.']);
});

test('a longer step is drawn per minute all the same', () => {
  const report = aReport({
    stepMs: 2 * MINUTE,
    times: [0, 2 * MINUTE],
    series: [20, 30],
    to: 4 * MINUTE,
    seriesPolicy: [2, 2],
    lost: [0, 0],
    silent: [false, false],
  });
  expect(dropsChart(report).all).toEqual([10, 15]);
});

test('encryption counts what could be judged, and nothing judged gives no share', () => {
  const figure = encryptionFigure(aTimeline({ encrypted: [99, 0, 50, 0, 0], plaintext: [1, 0, 50, 0, 0] }));
  expect(figure).toEqual({ encrypted: 149, judged: 200, shares: [99, 50] });
});

test('small series begin where something is known', () => {
  const timeline = aTimeline({ flows: [0, 0, 600, 1200, 300] });
  expect(flowRates(timeline)).toEqual([10, 20]);
  expect(dropSpark(aReport(), timeline)).toEqual({ values: [10, 15], before: [8, 8] });
});

test('reasons that are new stand first, then those with most drops; the rest is counted', () => {
  const reason = (key: string, count: number, before: number) => ({ key, count, before, series: [] });
  const reasons = [reason('A', 90, 80), reason('B', 5, 0), reason('C', 70, 90), reason('D', 3, 3), reason('E', 0, 9)];
  expect(topReasons(aReport({ reasons }), 2)).toMatchObject({ rows: [{ key: 'B' }, { key: 'A' }], more: 2, moreDrops: 73 });
});

test('the rate of a time gone by is its mean', () => {
  expect(meanRate(aReport({ from: 0, to: 200_000, flows: 1000 }))).toBe(5);
  expect(meanRate(aReport({ from: 7, to: 7 }))).toBeUndefined();
  expect(meanRate(undefined)).toBeUndefined();
});
