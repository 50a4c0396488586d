import 'server-only';
import type { TimelineQuery } from '#lib/api/timeline.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { timelineOf, type TrafficTimeline } from '#lib/ledger/timeline.ts';
import { MINUTE_MS, minuteOf } from '#lib/topology/minutes.ts';
import type { RollingTopology } from '#lib/topology/rolling.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { BY_THE_HOUR_MS, coverageOf, rollupsOf, stepFor } from './history.ts';
import { rangeOf } from './time-range.ts';
import type { WireForm } from './wire.ts';
import { wireForm } from './wire.ts';

const DEFAULT_MS = 3_600_000;
const MOST_BUCKETS = 1500;
const MOST_FINE_MS = 86_400_000;

/** Series and exact totals of a window, the last hour when none is asked for; of one edge when `edge` is given. */
export async function readTimeline(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  query: TimelineQuery,
  now: number,
): Promise<WireForm<TrafficTimeline>> {
  const { from, to } = rangeOf(query, now) ?? { from: now - DEFAULT_MS, to: now };
  const stepMs = checkedStep(query.step, from, to);
  const { edge, level } = query;
  if (edge !== undefined && level === 'pod') {
    const rollups = podEdgeRollups(pipeline.rolling, edge, from, to);
    const coverage = pipeline.coverage(from, to);
    return wireForm(timelineOf(rollups, { from, to, stepMs, coverage, edge: { key: edge, level: 'workload' } }));
  }
  const rollups = await rollupsOf(pipeline, db, from, to, stepMs);
  const coverage = await coverageOf(pipeline, db, rollups, from, to);
  const only = edge === undefined || level === 'pod' ? {} : { edge: { key: edge, level } };
  return wireForm(timelineOf(rollups, { from, to, stepMs, coverage, ...only }));
}

/** The step asked for, or one that fits. Throws `bad-request` for one that is no whole number of minutes or gives too many buckets. */
export function checkedStep(step: number | undefined, from: number, to: number): number {
  if (step === undefined) return stepFor(from, to);
  const reason =
    step % MINUTE_MS !== 0
      ? 'is not a whole number of minutes'
      : (to - from) / step > MOST_BUCKETS
        ? `gives more than ${MOST_BUCKETS} buckets`
        : to - from > Math.max(BY_THE_HOUR_MS, MOST_FINE_MS) && step % 3_600_000 !== 0
          ? 'is not a whole number of hours, which a window above a day needs'
          : undefined;
  if (reason) throw new CausewayError('bad-request', `step: ${reason}`, { place: { parameter: 'step' } });
  return step;
}

/** One edge between pods, by the minute, as memory holds it for the last hour: in the form of rollups, whose ends are pods here. */
function podEdgeRollups(rolling: RollingTopology, key: string, from: number, to: number): Rollup[] {
  const rollups: Rollup[] = [];
  for (let minute = Math.max(minuteOf(from), rolling.heldFrom); minute < to; minute += MINUTE_MS) {
    const found = rolling.edgesOfMinute(minute).find(({ edge }) => edge.key === key);
    const counters = found?.slots.get(minute);
    if (!found || !counters) continue;
    const { source, destination, protocol, port, l7, metricsPath } = found.edge;
    rollups.push({
      bucket: minute,
      edges: [
        {
          source: source.id,
          destination: destination.id,
          protocol,
          port,
          l7,
          metrics_path: metricsPath,
          counters: counters.toJson(),
          nodes: [],
        },
      ],
      nodes: [],
      counts: [],
      drops: [],
      lost: [],
    });
  }
  return rollups;
}
