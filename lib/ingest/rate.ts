import 'server-only';

const SECONDS = 60;

/** Events per second over the last seconds up to a minute, by a ring of one-second buckets. Times in Unix milliseconds of one clock. */
export class Rate {
  readonly #buckets = new Float64Array(SECONDS);
  #second = 0;
  #first = 0;

  add(count: number, now: number): void {
    this.#advance(now);
    const index = this.#second % SECONDS;
    this.#buckets[index] = (this.#buckets[index] ?? 0) + count;
  }

  /** Mean of the last `seconds` whole seconds; of fewer when counting began later. */
  perSecond(seconds: number, now: number): number {
    this.#advance(now);
    const counted = Math.min(seconds, this.#second - this.#first, SECONDS - 1);
    if (counted <= 0) return this.#buckets[this.#second % SECONDS] ?? 0;
    let sum = 0;
    for (let back = 1; back <= counted; back += 1) sum += this.#buckets[(this.#second - back + SECONDS) % SECONDS] ?? 0;
    return sum / counted;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000);
    if (this.#first === 0) this.#first = this.#second = second;
    if (second - this.#second >= SECONDS) this.#buckets.fill(0);
    else for (let at = this.#second + 1; at <= second; at += 1) this.#buckets[at % SECONDS] = 0;
    if (second > this.#second) this.#second = second;
  }
}
