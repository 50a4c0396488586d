import 'server-only';
import { wouldDeny } from '#lib/audit/would-deny.ts';
import { writeWouldDeny } from '#lib/db/policies/would-deny.ts';
import { MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

/** What the minute came to for each set: `failed` says why a set could not be judged. */
export interface WatchedMinute {
  readonly minute: number;
  readonly sets: readonly { readonly set: string; readonly denied: number; readonly unknown: number; readonly failed?: string }[];
}

/** Judges the traffic of a minute that is over by each watched set, and stores what it came to. */
export async function answerWouldDeny(
  desk: Desk,
  cluster: string,
  { candidates, minute }: AskOf<'would-deny'>,
): Promise<WatchedMinute> {
  const input = await desk.input(cluster, { range: { from: minute, to: minute + MINUTE_MS } });
  const sets: WatchedMinute['sets'][number][] = [];
  for (const { set, ...candidate } of candidates) {
    try {
      const { compiled } = desk.candidate(cluster, candidate);
      const { judged, denied, unknown, workloads } = wouldDeny(input, compiled);
      await writeWouldDeny(desk.db, set, [{ minute, judged, denied, unknown, workloads: Object.fromEntries(workloads) }]);
      sets.push({ set, denied, unknown });
    } catch (error) {
      if (!(error instanceof CausewayError) || error.code === 'database-unreachable') throw error;
      sets.push({ set, denied: 0, unknown: 0, failed: error.message });
    }
  }
  return { minute, sets };
}
