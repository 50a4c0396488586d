import 'server-only';
import type { DropsQuery } from '#lib/api/drops.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { dropsFilterOf } from '#lib/ledger/drops-filter.ts';
import { type DropsFilter, dropsReportOf, type TrafficDropsReport } from '#lib/ledger/drops-report.ts';
import { dropKeyOf, type Rollup } from '#lib/ledger/rollup.ts';
import { bucketsOf } from '#lib/ledger/timeline.ts';
import { readFilter } from './filter.ts';
import { type History, stepFor } from './history.ts';
import type { TimeRange } from './ring.ts';
import { type WireForm, wireForm } from './wire.ts';

/** Drops of a window beside those of the window of the same length just before. */
export async function readDrops(history: History, query: DropsQuery, range: TimeRange): Promise<WireForm<TrafficDropsReport>> {
  const filter = readDropsFilter(query.filter);
  const { from, to } = range;
  const stepMs = stepFor(range);
  const times = bucketsOf(from, to, stepMs);
  const first = times[0] ?? from;
  const before = first - times.length * stepMs;
  const rollups = await history.rollups({ from: before, to }, stepMs);
  const keys = [...new Set(rollups.flatMap(({ drops }) => drops.map(dropKeyOf)))];
  const [earlier, oldest, { gaps }, coverage] = await Promise.all([
    keys.length === 0 ? new Set<string>() : history.seenBefore(keys, from),
    history.oldest(),
    history.coverage(undefined, { from: before, to: first }),
    history.coverage(
      rollups.filter(({ bucket }) => bucket >= first),
      range,
    ),
  ]);
  // The oldest minute or hour is one in which counting began: it is not whole.
  const remembers = oldest !== undefined && oldest < before;
  const comparable =
    remembers &&
    hasTraffic(rollups, bucketsOf(before, first, stepMs), stepMs) &&
    !gaps.some((gap) => gap.nodeName === '' && gap.to > before && gap.from < first);
  return wireForm(dropsReportOf(rollups, { from, to, stepMs, coverage, comparable, remembers, earlier, filter }));
}

/** Whether there were flows in each of these buckets: no cluster is so quiet that a bucket without any is not one of which nothing is known. */
function hasTraffic(rollups: readonly Rollup[], times: readonly number[], stepMs: number): boolean {
  const heard = new Set(rollups.filter(({ edges }) => edges.length > 0).map(({ bucket }) => bucket - (bucket % stepMs)));
  return times.every((time) => heard.has(time));
}

/** Throws `bad-filter` for what only single flows can answer. */
export function readDropsFilter(text: string): DropsFilter {
  const result = dropsFilterOf(readFilter(text).query);
  if (result.ok) return result.filter;
  throw new CausewayError(
    'bad-filter',
    `drops are kept by namespace, workload, port, protocol, reason and node; ${result.unsupported.join(', ')} can be asked of flows only`,
    { place: { parameter: 'filter' } },
  );
}
