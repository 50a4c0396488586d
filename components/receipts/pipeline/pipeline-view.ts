import type { AttestationStatus } from '#lib/api/receipts.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** What the dashboard of the pipeline shows. Pure. */

export type Stage = AttestationStatus['stages'][number];

/** From being observed to being stored with its proof, at p99: what the pipeline is built for. */
export const TARGET_MS = 2000;
/** A head is signed every ten seconds where the log has grown, and seen by witnesses half a minute after it at the latest. */
const MOST_LAG_MS: Readonly<Record<Stage['stage'], number>> = {
  observed: TARGET_MS,
  sealed: TARGET_MS,
  stored: TARGET_MS,
  logged: 20_000,
  witnessed: 40_000,
};

interface StageWords {
  readonly name: string;
  /** What is counted there, and by which time. */
  readonly what: string;
  readonly unit: string;
  /** What waits there; nothing can where it is absent. */
  readonly waiting?: string;
}

/** What happens at a stage. */
export const STAGE_WORDS: Readonly<Record<Stage['stage'], StageWords>> = {
  observed: { name: 'Taken', what: 'what gets a receipt', unit: 'a second', waiting: 'open sums' },
  sealed: { name: 'Sealed', what: 'signed, in a batch', unit: 'a second', waiting: 'waiting' },
  stored: { name: 'Stored', what: 'in the database', unit: 'a second' },
  logged: { name: 'In a signed head', what: 'heads of the log', unit: 'a minute' },
  witnessed: { name: 'Witnessed', what: 'heads others have seen', unit: 'a minute' },
};

/** Of heads there are a few a minute, of receipts many a second. */
export const rateOf = ({ stage, perSecond }: Stage): number =>
  stage === 'logged' || stage === 'witnessed' ? Math.round(perSecond * 60) : perSecond;

/** How a stage is doing: late is told apart from failing. */
export function stageMark({ stage, lagMs, failures }: Stage): { readonly mark: MarkName; readonly words: string } {
  if (lagMs !== undefined && lagMs > MOST_LAG_MS[stage]) return { mark: 'stale', words: 'late' };
  if (failures > 0) return { mark: 'advice', words: 'has failed before' };
  return lagMs === undefined ? { mark: 'trace', words: 'nothing yet' } : { mark: 'pass', words: 'in time' };
}

const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Series over the last hour, a value for each minute; a minute without receipts has no lag that is known. */
export interface HourSeries {
  readonly times: readonly number[];
  readonly receipts: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  /** Gaps that batches of the minute tell of. */
  readonly gaps: readonly number[];
}

export function hourSeries(series: AttestationStatus['series'], now: number): HourSeries {
  const last = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const times = Array.from({ length: MINUTES }, (_, index) => last - (MINUTES - 1 - index) * MINUTE_MS);
  const by = new Map(series.map((point) => [Math.floor(point.at / MINUTE_MS) * MINUTE_MS, point]));
  const began = Math.min(...series.map(({ at }) => at));
  return {
    times,
    // Before the first minute that is told of nothing was measured: the process is younger than an hour.
    receipts: times.map((at) => by.get(at)?.receipts ?? (at < began ? Number.NaN : 0)),
    p50: times.map((at) => lagOf(by.get(at), 'p50Ms')),
    p99: times.map((at) => lagOf(by.get(at), 'p99Ms')),
    gaps: times.map((at) => by.get(at)?.gaps ?? 0),
  };
}

const lagOf = (point: AttestationStatus['series'][number] | undefined, which: 'p50Ms' | 'p99Ms'): number =>
  point && point.receipts > 0 ? point[which] : Number.NaN;

/** The newest p99 that is known. */
export const newestP99 = ({ p99 }: HourSeries): number | undefined => p99.findLast((value) => Number.isFinite(value));
