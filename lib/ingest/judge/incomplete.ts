import 'server-only';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { HOUR_MS, MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import { readGaps, readHours, readMinutes } from '#lib/db/traffic/rollups.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { BY_THE_HOUR_MS } from '../history.ts';
import type { TimeRange } from '../ring.ts';

/**
 * Minutes of a window whose flows are not all known: some fell into a gap, or a node said that it lost events. Of a long window the losses are known
 * by the hour: then the whole hour counts.
 */
export async function incompleteMinutes(db: TrafficDb, cluster: string, { from, to }: TimeRange): Promise<number> {
  const byTheHour = to - from > BY_THE_HOUR_MS;
  const step = byTheHour ? HOUR_MS : MINUTE_MS;
  const first = from - (from % step);
  const [gaps, rollups] = await Promise.all([
    readGaps(db, cluster, from, to),
    byTheHour ? readHours(db, cluster, first, to) : readMinutes(db, cluster, first, to),
  ]);
  const incomplete = new Set<number>();
  const mark = (start: number, end: number): void => {
    const last = Math.min(end, to - 1);
    for (let minute = Math.max(start, from); minute <= last; minute += MINUTE_MS) incomplete.add(Math.floor(minute / MINUTE_MS));
    if (start <= last) incomplete.add(Math.floor(last / MINUTE_MS));
  };
  for (const gap of gaps) mark(gap.from, gap.to);
  for (const { bucket } of rollups.filter(hasLost)) mark(bucket, bucket + step - 1);
  return incomplete.size;
}

const hasLost = ({ lost }: Rollup): boolean => lost.some(({ count }) => count > 0);
