import 'server-only';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { readGaps, readHours } from '#lib/db/traffic/rollups.ts';
import { DAY_MS, HOUR_MS } from '#lib/db/traffic/partitions.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';
import type { Coverage } from '#lib/topology/topology.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';

/** Longer windows are made of hours, unless finer steps are asked for. */
export const BY_THE_HOUR_MS = 6 * HOUR_MS;

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 5760].map((minutes) => minutes * MINUTE_MS);
const MOST_BUCKETS = 120;

/** The bucket to show a window by: at most 120 of them, and whole hours where the window is long. */
export function stepFor(from: number, to: number): number {
  const span = to - from;
  const least = span > BY_THE_HOUR_MS ? HOUR_MS : MINUTE_MS;
  return STEPS_MS.find((step) => step >= least && span / step <= MOST_BUCKETS) ?? 10 * DAY_MS;
}

/**
 * The rollups of `from..to` for buckets of `stepMs`: minutes, or for steps of whole hours over a long window the hours that were compacted and the
 * minutes of those that were not yet.
 */
export async function rollupsOf(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  from: number,
  to: number,
  stepMs: number,
): Promise<Rollup[]> {
  if (stepMs % HOUR_MS !== 0 || to - from <= BY_THE_HOUR_MS) return pipeline.minutes(from, to);
  const first = from - (from % HOUR_MS);
  const hours = await readHours(db, pipeline.id, first, to);
  const compacted = new Set(hours.map(({ bucket }) => bucket));
  // Minutes are kept for days, but only the last hours can be without their sum; older gaps are hours without traffic.
  const recent = await pipeline.minutes(Math.max(first, to - (to % HOUR_MS) - DAY_MS), to);
  return [...hours, ...recent.filter(({ bucket }) => !compacted.has(bucket - (bucket % HOUR_MS)))];
}

/** What a view made of rollups can know: losses from them, gaps from where they were noted, nodes as they are now. */
export async function coverageOf(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  rollups: readonly Rollup[],
  from: number,
  to: number,
): Promise<Coverage> {
  const now = pipeline.coverage(from, to);
  const lost = new Map<string, number>();
  for (const rollup of rollups) {
    if (rollup.bucket >= to) continue;
    for (const { node, count } of rollup.lost) lost.set(node, (lost.get(node) ?? 0) + count);
  }
  const stored = await readGaps(db, pipeline.id, from, to).catch(() => []);
  const gaps = new Map([...now.gaps, ...stored].map((gap) => [`${gap.from} ${gap.nodeName} ${gap.reason}`, gap]));
  return {
    ...now,
    lost: Object.fromEntries(lost),
    lostTotal: [...lost.values()].reduce((sum, count) => sum + count, 0),
    gaps: [...gaps.values()].toSorted((a, b) => a.from - b.from),
  };
}
