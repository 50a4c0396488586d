import 'server-only';
import type { AttestationStatus } from '#lib/api/receipts.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';

type Stage = AttestationStatus['stages'][number]['stage'];
export const STAGES = ['observed', 'sealed', 'stored', 'logged', 'witnessed'] as const satisfies readonly Stage[];

const MINUTES = 60;
const MOST_SAMPLES = 2000;
const RATE_SECONDS = 60;

interface Minute {
  readonly at: number;
  receipts: number;
  gaps: number;
  samples: number[];
}

/** Counts and lags of the way from flow to witnessed head, over the last hour. Times in milliseconds. */
export class Meter {
  readonly #failures = new Map<Stage, number>();
  readonly #lag = new Map<Stage, number>();
  readonly #seconds = new Map<Stage, Map<number, number>>();
  readonly #minutes: Minute[] = [];
  /** Since the start, by class. */
  readonly byClass = new Map<string, number>();

  /** `count` came to a stage now; `lag` is how long the oldest of them took from being observed. */
  passed(stage: Stage, count: number, now: number, lag?: number): void {
    const seconds = this.#seconds.get(stage) ?? new Map<number, number>();
    this.#seconds.set(stage, seconds);
    const second = Math.floor(now / 1000);
    seconds.set(second, (seconds.get(second) ?? 0) + count);
    for (const old of seconds.keys()) if (old <= second - RATE_SECONDS) seconds.delete(old);
    if (lag !== undefined) this.#lag.set(stage, Math.max(0, lag));
  }

  failed(stage: Stage): void {
    this.#failures.set(stage, (this.#failures.get(stage) ?? 0) + 1);
  }

  failures(stage: Stage): number {
    return this.#failures.get(stage) ?? 0;
  }

  /** Receipts that were stored: how long each took from being observed, and gaps that their batch tells of. */
  stored(receipts: number, lags: readonly number[], gaps: number, now: number): void {
    const minute = this.#minute(now);
    minute.receipts += receipts;
    minute.gaps += gaps;
    for (const lag of lags) {
      if (minute.samples.length < MOST_SAMPLES) minute.samples.push(lag);
      else minute.samples[Math.floor(Math.random() * MOST_SAMPLES)] = lag;
    }
  }

  /** A point for each minute of the last hour that had any. */
  series(now: number): AttestationStatus['series'] {
    return this.#minutes
      .filter(({ at }) => at > now - MINUTES * MINUTE_MS)
      .map(({ at, receipts, gaps, samples }) => {
        const sorted = samples.toSorted((a, b) => a - b);
        return { at, receipts, gaps, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
      });
  }

  stage(stage: Stage, waiting: number, now: number): AttestationStatus['stages'][number] {
    const lag = this.#lag.get(stage);
    const since = Math.floor(now / 1000) - RATE_SECONDS;
    let count = 0;
    for (const [second, each] of this.#seconds.get(stage) ?? []) if (second > since) count += each;
    return {
      stage,
      ...(lag !== undefined && { lagMs: Math.round(lag) }),
      perSecond: Math.round((count / RATE_SECONDS) * 10) / 10,
      waiting,
      failures: this.failures(stage),
    };
  }

  #minute(now: number): Minute {
    const at = now - (now % MINUTE_MS);
    const newest = this.#minutes.at(-1);
    if (newest && newest.at >= at) return newest;
    const minute: Minute = { at, receipts: 0, gaps: 0, samples: [] };
    this.#minutes.push(minute);
    if (this.#minutes.length > MINUTES) this.#minutes.shift();
    return minute;
  }
}

const quantile = (sorted: readonly number[], share: number): number =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
