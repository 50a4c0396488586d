import 'server-only';

const SECONDS = 60;
/** Flows come up to two seconds late: the newest seconds are not complete yet. */
const LATE = 3;

/**
 * Flows per second, by the flows' own time: what is fetched after the fact counts when it happened and is no burst. A ring of one-second buckets; what is
 * older than a minute is not counted. Unix milliseconds.
 */
export class Rate {
  readonly #buckets = new Float64Array(SECONDS);
  /** The newest second of the ring, and the earliest one that a flow was counted in. */
  #second = 0;
  #first = Number.POSITIVE_INFINITY;

  /** Counts a flow of `time`, which comes at `now`. A clock that is ahead counts as now. */
  add(time: number, now: number): void {
    this.#advance(now);
    const second = Math.min(Math.floor(time / 1000), this.#second);
    if (second <= this.#second - SECONDS) return;
    if (second < this.#first) this.#first = second;
    const index = second % SECONDS;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + 1;
  }

  /** Mean of the last `seconds` that are complete; of fewer when counting began later. */
  perSecond(seconds: number, now: number): number {
    this.#advance(now);
    const last = this.#second - LATE;
    const counted = Math.min(seconds, last - this.#first + 1, SECONDS - LATE);
    if (counted <= 0) return 0;
    let sum = 0;
    for (let second = last - counted + 1; second <= last; second += 1) sum += this.#buckets[second % SECONDS] ?? 0;
    return sum / counted;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000);
    if (second - this.#second >= SECONDS) this.#buckets.fill(0);
    else for (let at = this.#second + 1; at <= second; at += 1) this.#buckets[at % SECONDS] = 0;
    if (second > this.#second) this.#second = second;
  }
}
