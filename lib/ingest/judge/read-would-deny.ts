import 'server-only';
import type { WouldDeny } from '#lib/api/policies.ts';
import type { StoredSet } from '#lib/db/policies/sets.ts';
import { readWouldDeny, type WouldDenyMinute } from '#lib/db/policies/would-deny.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import type { TimeRange } from '../ring.ts';

const MOST_STEPS = 360;
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440].map((minutes) => minutes * MINUTE_MS);
const MOST_WORKLOADS = 50;

/** What a watched set would have denied in a window, in at most 360 steps. Steps in which nothing was judged are left out. */
export async function readWouldDenyView(
  db: TrafficDb,
  { set, watchedSince }: StoredSet,
  { from, to }: TimeRange,
): Promise<WouldDeny> {
  const minutes = await readWouldDeny(db, set.id, from - (from % MINUTE_MS), to);
  const stepMs = STEPS_MS.find((step) => (to - from) / step <= MOST_STEPS) ?? STEPS_MS.at(-1) ?? MINUTE_MS;
  const steps = new Map<number, { denied: number; unknown: number; judged: number }>();
  for (const { minute, denied, unknown, judged } of minutes) {
    const time = minute - (minute % stepMs);
    const step = steps.get(time) ?? { denied: 0, unknown: 0, judged: 0 };
    steps.set(time, { denied: step.denied + denied, unknown: step.unknown + unknown, judged: step.judged + judged });
  }
  const { alertAt } = set;
  const alert = alertAt === undefined ? undefined : minutes.findLast(({ denied }) => denied >= alertAt);
  return {
    set: set.id,
    from,
    to,
    stepMs,
    times: [...steps.keys()],
    denied: Array.from(steps.values(), ({ denied }) => denied),
    unknown: Array.from(steps.values(), ({ unknown }) => unknown),
    judged: Array.from(steps.values(), ({ judged }) => judged),
    byWorkload: byWorkload(minutes),
    ...(watchedSince !== undefined && { watchedSince }),
    ...(alert && { alert: { time: alert.minute, flows: alert.denied } }),
  };
}

function byWorkload(minutes: readonly WouldDenyMinute[]): WouldDeny['byWorkload'] {
  const sums = new Map<string, number>();
  for (const { workloads } of minutes) {
    for (const [workload, flows] of Object.entries(workloads)) sums.set(workload, (sums.get(workload) ?? 0) + flows);
  }
  return [...sums]
    .map(([workload, flows]) => ({ workload, flows }))
    .toSorted((a, b) => b.flows - a.flows)
    .slice(0, MOST_WORKLOADS);
}
