import type { DropsReport } from '#lib/api/drops.ts';
import type { Timeline } from '#lib/api/timeline.ts';
import type { TopologyJson } from '#lib/api/topology.ts';
import { type Window, rangeMs, windowQuery } from '#components/live/range.ts';
import { completeBuckets, lostRuns } from '#components/charts/scale.ts';
import { silentSentences, spanOf } from '#components/charts/silence.ts';
import { exact, shortNode } from '#components/ui/format.ts';

/** What the Overview makes of the API's answers. Pure. */

const HOUR_MS = 3_600_000;

/** The Overview compares hours: a shorter range is widened to one, and what it shows says so. */
export const overviewWindow = (window: Window): Window =>
  window.from === null && rangeMs(window.range) < HOUR_MS ? { ...window, range: '1h' } : window;

export const overviewQuery = (window: Window): string => windowQuery(overviewWindow(window));

/** Flows per second over the whole window of a report; undefined while there is none. */
export function meanRate(report: Pick<DropsReport, 'from' | 'to' | 'flows'> | undefined): number | undefined {
  if (report === undefined || report.to <= report.from) return undefined;
  return Math.round((report.flows * 10_000) / (report.to - report.from)) / 10;
}

/**
 * The drops chart: complete buckets only, per minute; minutes of which nothing is known are holes, not zeros. Where less than half of the
 * window is known (a console that has just been started), it begins with what is, at `since`.
 */
export function dropsChart(report: DropsReport) {
  const full = completeBuckets(report.times, report.stepMs, report.to);
  const perMinute = 60_000 / report.stepMs;
  const all = report.silent.slice(0, full);
  const first = all.indexOf(false);
  // Flows, but in no bucket that has ended: all of it came just now.
  const heard = first < 0 && report.flows > 0 ? full : first;
  const from = heard > full / 2 && !report.comparable ? heard : 0;
  const silent = all.slice(from);
  const times = report.times.slice(from, full);
  const lost = report.lost.slice(from, full);
  const known = (values: readonly number[]) =>
    values.slice(from, full).map((value, index) => (silent[index] === true ? Number.NaN : value * perMinute));
  return {
    since: from > 0 ? report.times[from] : undefined,
    times,
    stepMs: report.stepMs,
    all: known(report.series),
    policy: known(report.seriesPolicy),
    before: report.comparable ? report.seriesBefore.slice(0, full).map((value) => value * perMinute) : undefined,
    /** Hatched: events were lost, or nothing was received at all. */
    lost: lost.map((count, index) => (silent[index] === true ? Math.max(count, 1) : count)),
    /** What the hatch means. */
    sentences: [
      ...lostSentences(times, report.stepMs, lost, report.coverage.lost),
      ...silentSentences(times, report.stepMs, silent),
    ],
  };
}

function lostSentences(
  times: readonly number[],
  stepMs: number,
  lost: readonly number[],
  byNode: Readonly<Record<string, number>>,
) {
  const nodes = Object.entries(byNode)
    .filter(([, count]) => count > 0)
    .map(([node]) => node);
  const where =
    nodes.length === 0 ? '' : nodes.length > 3 ? ` on ${nodes.length} nodes` : ` on ${nodes.map(shortNode).join(', ')}`;
  const runs = lostRuns(lost.slice(0, times.length));
  const total = lost.slice(0, times.length).reduce((sum, count) => sum + count, 0);
  const [first] = runs;
  if (!first) return [];
  const when = runs.length === 1 ? spanOf(times, stepMs, first) : `${runs.length} times`;
  return [`${when}, ${exact(total)} events lost${where}: drops there may be higher.`];
}

/** Flows per second by bucket, from the first bucket in which anything was received, without the one that has not ended. */
export function flowRates(timeline: Timeline): readonly number[] {
  const full = completeBuckets(timeline.times, timeline.stepMs, timeline.to);
  return timeline.flows.slice(firstKnown(timeline), full).map((count) => count / (timeline.stepMs / 1000));
}

/** Drops by bucket and those before, from the first bucket in which anything was received, without the one that has not ended. */
export function dropSpark(report: DropsReport, timeline: Timeline | undefined) {
  const full = completeBuckets(report.times, report.stepMs, report.to);
  const since = timeline?.times[firstKnown(timeline)] ?? report.from;
  const from = Math.max(
    0,
    report.times.findIndex((time) => time >= since),
  );
  return {
    values: report.series.slice(from, full),
    before: report.comparable ? report.seriesBefore.slice(from, full) : undefined,
  };
}

const firstKnown = ({ flows }: Timeline) =>
  Math.max(
    0,
    flows.findIndex((count) => count > 0),
  );

/** Of the flows that crossed between nodes and could be judged, those that were encrypted; and the share by bucket. */
export function encryptionFigure(timeline: Timeline) {
  const encrypted = sumOf(timeline.encrypted);
  const judged = encrypted + sumOf(timeline.plaintext);
  const shares = timeline.times.flatMap((_time, index) => {
    const of = (timeline.encrypted[index] ?? 0) + (timeline.plaintext[index] ?? 0);
    return of > 0 ? [((timeline.encrypted[index] ?? 0) / of) * 100] : [];
  });
  return { encrypted, judged, shares };
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Who talks in the live window: workloads, namespaces, names outside, and the pairs with the most flows. */
export function talkers(map: TopologyJson, most = 5) {
  const workloads = map.nodes.filter(({ namespace, kind }) => namespace !== '' && kind !== 'namespace');
  const seconds = Math.max(1, (map.to - map.from) / 1000);
  return {
    workloads: workloads.length,
    namespaces: new Set(workloads.map(({ namespace }) => namespace)).size,
    outside: map.nodes.filter(({ kind }) => kind === 'external').length,
    edges: map.edges.length,
    flows: map.edges.reduce((sum, edge) => sum + edge.flows, 0),
    top: map.edges
      .toSorted((a, b) => b.flows - a.flows)
      .slice(0, most)
      .map((edge) => ({ edge, perSecond: edge.flows / seconds })),
  };
}

/** Drop reasons worth a row each, most drops first but new ones before all; and what is left. */
export function topReasons(report: DropsReport, most = 6) {
  const sorted = report.reasons
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => Number(isNew(b, report)) - Number(isNew(a, report)) || b.count - a.count);
  const rest = sorted.slice(most);
  return { rows: sorted.slice(0, most), more: rest.length, moreDrops: rest.reduce((sum, { count }) => sum + count, 0) };
}
const isNew = ({ before }: { before: number }, { comparable }: DropsReport) => comparable && before === 0;
