import 'server-only';
import { RollupSum } from '#lib/ledger/rollup-sum.ts';
import type { Rollup } from '#lib/ledger/rollup.ts';
import { MINUTE_MS } from '#lib/topology/minutes.ts';

/** Edges of all cached minutes together: about a kilobyte each. */
const MOST_EDGES = 60_000;
const MOST_MINUTES = 24 * 60;

/** Stored minutes that were asked for lately, so that pages which show the last hour do not read it from the database again and again. */
export class MinuteCache {
  readonly #minutes = new Map<number, Rollup>();
  #edges = 0;

  /** The stored minutes in `from..to`; those not cached come from `load`, in as few questions as there are stretches of them. */
  async read(from: number, to: number, load: (from: number, to: number) => Promise<Rollup[]>): Promise<Rollup[]> {
    const wanted: number[] = [];
    for (let minute = from; minute < to; minute += MINUTE_MS) wanted.push(minute);
    const result = wanted.flatMap((minute) => this.#minutes.get(minute) ?? []);
    for (const [since, until] of stretches(wanted.filter((minute) => !this.#minutes.has(minute)))) {
      const sums = new Map<number, RollupSum>();
      for (const rollup of await load(since, until)) {
        let sum = sums.get(rollup.bucket);
        if (!sum) sums.set(rollup.bucket, (sum = new RollupSum()));
        sum.add(rollup);
      }
      for (let minute = since; minute < until; minute += MINUTE_MS) {
        const rollup = (sums.get(minute) ?? new RollupSum()).toRollup(minute);
        result.push(rollup);
        this.#keep(rollup);
      }
    }
    return result;
  }

  /** A part of a minute that has just been stored: added where the minute is cached. */
  stored(part: Rollup): void {
    const known = this.#minutes.get(part.bucket);
    if (!known) return;
    const sum = new RollupSum();
    sum.add(known);
    sum.add(part);
    this.#keep(sum.toRollup(part.bucket));
  }

  #keep(rollup: Rollup): void {
    this.#edges += rollup.edges.length - (this.#minutes.get(rollup.bucket)?.edges.length ?? 0);
    this.#minutes.delete(rollup.bucket);
    this.#minutes.set(rollup.bucket, rollup);
    for (const [minute, { edges }] of this.#minutes) {
      if (this.#edges <= MOST_EDGES && this.#minutes.size <= MOST_MINUTES) break;
      this.#minutes.delete(minute);
      this.#edges -= edges.length;
    }
  }
}

/** Minutes that follow each other, as from and to. */
function stretches(minutes: readonly number[]): [number, number][] {
  const result: [number, number][] = [];
  for (const minute of minutes) {
    const last = result.at(-1);
    if (last && last[1] === minute) last[1] = minute + MINUTE_MS;
    else result.push([minute, minute + MINUTE_MS]);
  }
  return result;
}
