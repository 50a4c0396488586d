import 'server-only';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { DAY_MS, HOUR_MS } from '#lib/db/traffic/partitions.ts';
import { dropsSeenBefore, oldestRollup, readGaps, readHours } from '#lib/db/traffic/rollups.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';
import type { RollingTopology } from '#lib/topology/rolling.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import type { TimeRange } from './ring.ts';

/** Traffic that was counted, by time: a cluster's record, or a capture. Timelines, drop reports and earlier maps are made of it by the same code. */
export interface History {
  readonly cluster: string;
  /** Counts at pod level, as far back as it is held. */
  readonly rolling: RollingTopology;
  /** Rollups for buckets of `stepMs`. */
  rollups(range: TimeRange, stepMs: number): Promise<Rollup[]>;
  /** What a view can know that is made of these rollups, or of what is in memory. */
  coverage(rollups: readonly Rollup[] | undefined, range: TimeRange): Promise<Coverage>;
  /** Which of these drop keys were seen before `time`. */
  seenBefore(keys: readonly string[], time: number): Promise<ReadonlySet<string>>;
  /** Start of the oldest rollup there is. */
  oldest(): Promise<number | undefined>;
}

/** Longer windows are made of hours, unless finer steps are asked for. */
export const BY_THE_HOUR_MS = 6 * HOUR_MS;

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 5760].map((minutes) => minutes * MINUTE_MS);
const MOST_BUCKETS = 120;

/** The bucket to show a window by: at most 120 of them, and whole hours where the window is long. */
export function stepFor({ from, to }: TimeRange): number {
  const span = to - from;
  const least = span > BY_THE_HOUR_MS ? HOUR_MS : MINUTE_MS;
  return STEPS_MS.find((step) => step >= least && span / step <= MOST_BUCKETS) ?? 10 * DAY_MS;
}

/** A cluster's record: minutes from memory and database, hours from the database. */
export function recordOf(pipeline: ClusterPipeline, db: TrafficDb): History {
  const { id, rolling } = pipeline;
  return {
    cluster: id,
    rolling,
    rollups: ({ from, to }, stepMs) =>
      stepMs % HOUR_MS !== 0 || to - from <= BY_THE_HOUR_MS ? pipeline.minutes(from, to) : hoursOf(pipeline, db, from, to),
    async coverage(rollups, { from, to }) {
      const now = pipeline.coverage(from, to);
      const stored = await readGaps(db, id, from, to).catch(() => []);
      const gaps = new Map([...now.gaps, ...stored].map((gap) => [`${gap.from} ${gap.nodeName} ${gap.reason}`, gap]));
      return { ...now, ...(rollups && lossesOf(rollups)), gaps: [...gaps.values()].toSorted((a, b) => a.from - b.from) };
    },
    seenBefore: (keys, time) => dropsSeenBefore(db, id, keys, time),
    oldest: () => oldestRollup(db, id),
  };
}

/** The hours that were compacted, and the minutes of those that were not yet. */
async function hoursOf(pipeline: ClusterPipeline, db: TrafficDb, from: number, to: number): Promise<Rollup[]> {
  const first = from - (from % HOUR_MS);
  const hours = await readHours(db, pipeline.id, first, to);
  const compacted = new Set(hours.map(({ bucket }) => bucket));
  // Minutes are kept for days, but only the last hours can be without their sum; older gaps are hours without traffic.
  const recent = await pipeline.minutes(Math.max(first, to - (to % HOUR_MS) - DAY_MS), to);
  return [...hours, ...recent.filter(({ bucket }) => !compacted.has(bucket - (bucket % HOUR_MS)))];
}

/** Events lost, by node. */
export function lossesOf(rollups: readonly Rollup[]): Pick<Coverage, 'lost' | 'lostTotal'> {
  const lost = new Map<string, number>();
  for (const rollup of rollups) for (const { node, count } of rollup.lost) lost.set(node, (lost.get(node) ?? 0) + count);
  return { lost: Object.fromEntries(lost), lostTotal: [...lost.values()].reduce((sum, count) => sum + count, 0) };
}
