/** How fast flows match and how many of them are shown: the honest line above the table. */

/** What one batch of the stream said. */
interface RateSample {
  /** Unix milliseconds, the browser's clock. */
  readonly at: number;
  readonly matched: number;
  readonly sent: number;
  readonly skipped: number;
}

export interface StreamRate {
  readonly samples: readonly RateSample[];
  /** Since the stream began, exact. */
  readonly matched: number;
  readonly sent: number;
  readonly skipped: number;
  readonly since: number;
}

/** Milliseconds over which a rate is taken. */
const WINDOW_MS = 5_000;

export const startRate = (now: number): StreamRate => ({ samples: [], matched: 0, sent: 0, skipped: 0, since: now });

/** `rate` with a batch added; samples that left the window go. */
export function addSample(rate: StreamRate, sample: RateSample): StreamRate {
  return {
    samples: [...rate.samples.filter(({ at }) => at > sample.at - WINDOW_MS), sample],
    matched: rate.matched + sample.matched,
    sent: rate.sent + sample.sent,
    skipped: rate.skipped + sample.skipped,
    since: rate.since,
  };
}

/** Flows per second that match, and those shown of them, over the last five seconds (less just after the start). */
export function ratesAt(rate: StreamRate, now: number): { matched: number; sent: number; skipped: number } {
  const recent = rate.samples.filter(({ at }) => at > now - WINDOW_MS);
  const seconds = Math.max(1, Math.min(WINDOW_MS, now - rate.since) / 1_000);
  const sum = (pick: (sample: RateSample) => number) => recent.reduce((total, sample) => total + pick(sample), 0);
  return {
    matched: sum(({ matched }) => matched) / seconds,
    sent: sum(({ sent }) => sent) / seconds,
    skipped: sum(({ skipped }) => skipped),
  };
}
