import 'server-only';
import { listImports } from '#lib/db/flow-logs/imports.ts';
import { DAY_MS, MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import { readLedger } from '#lib/db/traffic/read-ledger.ts';
import { oldestRollup, readGaps } from '#lib/db/traffic/rollups.ts';
import { isPolicyDrop } from '#lib/flow/drops.ts';
import type { BaselineEvidence, DropCount, TrafficEvidence } from '#lib/migration/evaluate/evidence.ts';
import type { TimeRange } from '../ring.ts';
import type { Desk } from './desk.ts';

const MOST_REASONS = 10;

/** What the record of a cluster's traffic says for a phase whose work came after `begunAt`, but for what policies say of it. */
export async function trafficEvidence(
  desk: Desk,
  cluster: string,
  begunAt: number,
  now: number,
): Promise<Omit<TrafficEvidence, 'authentication'>> {
  const recordedSince = await oldestRollup(desk.db, cluster);
  const gaps = (await readGaps(desk.db, cluster, now - DAY_MS, now)).filter(({ nodeName }) => nodeName === '');
  const windows = recordedSince === undefined ? undefined : dropWindows(recordedSince, begunAt, now);
  const drops = windows && {
    before: await dropsIn(desk, cluster, windows.before),
    now: await dropsIn(desk, cluster, windows.now),
  };
  return { recordedSince, gaps: gaps.map(({ from, to }) => ({ from, to })), drops };
}

/**
 * The two windows that drops are compared in, of one length and a day at most: up to when the phase began, and up to now. Where nothing was recorded
 * before it (Hubble came with it), the first half of the record stands for before. Undefined while there is not a minute of each.
 */
export function dropWindows(
  recordedSince: number,
  begunAt: number,
  now: number,
): { readonly before: TimeRange; readonly now: TimeRange } | undefined {
  const end = now - (now % MINUTE_MS);
  const start = recordedSince - (recordedSince % MINUTE_MS) + MINUTE_MS; // the minute in which recording began is not whole
  const begun = begunAt - (begunAt % MINUTE_MS);
  const turn = begun - start >= MINUTE_MS ? begun : start + Math.floor((end - start) / 2 / MINUTE_MS) * MINUTE_MS;
  const length = Math.min(DAY_MS, turn - start, end - turn);
  if (length < MINUTE_MS) return undefined;
  return { before: { from: turn - length, to: turn }, now: { from: end - length, to: end } };
}

async function dropsIn(desk: Desk, cluster: string, range: TimeRange): Promise<DropCount> {
  const reasons = new Map<string, number>();
  let flows = 0;
  for (const { verdict, drop_reason: reason, flows: count } of await readLedger(desk.db, cluster, range.from, range.to)) {
    flows += count;
    if (verdict === 'DROPPED' && !isPolicyDrop(reason)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  return {
    ...range,
    flows,
    dropped: [...reasons.values()].reduce((sum, count) => sum + count, 0),
    reasons: [...reasons]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, MOST_REASONS)
      .map(([reason, count]) => ({ reason, flows: count })),
  };
}

/** The VPC Flow Logs of a cluster together: hours in which there was a record, those of overlapping files once. */
export async function baselineEvidence(desk: Desk, cluster: string): Promise<BaselineEvidence | undefined> {
  const imports = (await listImports(desk.db, cluster)).filter(({ state }) => state === 'done');
  if (imports.length === 0) return undefined;
  let minutes = 0;
  let until = 0;
  for (const { from = 0, to = 0, coverage } of imports.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0))) {
    const length = Math.max(to - from, 1);
    const fresh = Math.max(0, to - Math.max(from, until));
    minutes += coverage.minutesSeen * Math.min(1, fresh / length);
    until = Math.max(until, to);
  }
  return {
    hours: minutes / 60,
    records: imports.reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0),
    at: Math.max(...imports.map(({ at }) => at)),
  };
}
