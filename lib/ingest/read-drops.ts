import 'server-only';
import type { DropsQuery } from '#lib/api/drops.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { dropsSeenBefore, oldestRollup } from '#lib/db/traffic/rollups.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { dropsFilterOf } from '#lib/ledger/drops-filter.ts';
import { type DropsFilter, dropsReportOf, type TrafficDropsReport } from '#lib/ledger/drops-report.ts';
import { dropKeyOf } from '#lib/ledger/rollup.ts';
import { bucketsOf } from '#lib/ledger/timeline.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { readFilter } from './filter.ts';
import { coverageOf, rollupsOf, stepFor } from './history.ts';
import { rangeOf } from './time-range.ts';
import { type WireForm, wireForm } from './wire.ts';

const DEFAULT_MS = 3_600_000;

/** Drops of a window, the last hour when none is asked for, beside those of the window of the same length just before. */
export async function readDrops(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  query: DropsQuery,
  now: number,
): Promise<WireForm<TrafficDropsReport>> {
  const filter = readDropsFilter(query.filter);
  const { from, to } = rangeOf(query, now) ?? { from: now - DEFAULT_MS, to: now };
  const stepMs = stepFor(from, to);
  const times = bucketsOf(from, to, stepMs);
  const before = (times[0] ?? from) - times.length * stepMs;
  const rollups = await rollupsOf(pipeline, db, before, to, stepMs);
  const keys = [...new Set(rollups.flatMap(({ drops }) => drops.map(dropKeyOf)))];
  const [earlier, oldest, coverage] = await Promise.all([
    keys.length === 0 ? new Set<string>() : dropsSeenBefore(db, pipeline.id, keys, from),
    oldestRollup(db, pipeline.id),
    coverageOf(
      pipeline,
      db,
      rollups.filter(({ bucket }) => bucket >= (times[0] ?? from)),
      from,
      to,
    ),
  ]);
  const comparable = oldest !== undefined && oldest <= before;
  return wireForm(dropsReportOf(rollups, { from, to, stepMs, coverage, comparable, earlier, filter }));
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
