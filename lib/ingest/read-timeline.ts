import 'server-only';
import type { TimelineQuery } from '#lib/api/timeline.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { timelineOf, type TrafficTimeline } from '#lib/ledger/timeline.ts';
import { MINUTE_MS, minuteOf } from '#lib/topology/minutes.ts';
import type { RollingTopology } from '#lib/topology/rolling.ts';
import { type History, stepFor } from './history.ts';
import type { TimeRange } from './ring.ts';
import { type WireForm, wireForm } from './wire.ts';

const MOST_BUCKETS = 1500;
const MOST_FINE_MS = 86_400_000;

/** Series and exact totals of a window; of one edge when the query names it. */
export async function readTimeline(history: History, query: TimelineQuery, range: TimeRange): Promise<WireForm<TrafficTimeline>> {
  const { from, to } = range;
  const stepMs = checkedStep(query.step, range);
  const { edge, level } = query;
  if (edge !== undefined && level === 'pod') {
    const rollups = podEdgeRollups(history.rolling, edge, range);
    const coverage = await history.coverage(undefined, range);
    return wireForm(timelineOf(rollups, { from, to, stepMs, coverage, edge: { key: edge, level: 'workload' } }));
  }
  const rollups = await history.rollups(range, stepMs);
  const coverage = await history.coverage(rollups, range);
  const only = edge === undefined || level === 'pod' ? {} : { edge: { key: edge, level } };
  return wireForm(timelineOf(rollups, { from, to, stepMs, coverage, ...only }));
}

/** The step asked for, or one that fits. Throws `bad-request` for one that is no whole number of minutes or gives too many buckets. */
export function checkedStep(step: number | undefined, range: TimeRange): number {
  const { from, to } = range;
  if (step === undefined) return stepFor(range);
  const reason =
    step % MINUTE_MS !== 0
      ? 'is not a whole number of minutes'
      : (to - from) / step > MOST_BUCKETS
        ? `gives more than ${MOST_BUCKETS} buckets`
        : to - from > MOST_FINE_MS && step % 3_600_000 !== 0
          ? 'is not a whole number of hours, which a window above a day needs'
          : undefined;
  if (reason) throw new CausewayError('bad-request', `step: ${reason}`, { place: { parameter: 'step' } });
  return step;
}

/** One edge between pods, by the minute, as memory holds it for the last hour: in the form of rollups, whose ends are pods here. */
function podEdgeRollups(rolling: RollingTopology, key: string, { from, to }: TimeRange): Rollup[] {
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
