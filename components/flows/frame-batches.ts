/**
 * Collects what a stream delivers and hands it on once a frame of the screen, so that fifty events a second cost at most one render each.
 * A page in the background gets no frames: there it hands on once a second.
 */
export class FrameBatches<T> {
  #pending: T[] = [];
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #deliver: (items: readonly T[]) => void;

  constructor(deliver: (items: readonly T[]) => void) {
    this.#deliver = deliver;
  }

  push(item: T): void {
    this.#pending.push(item);
    if (this.#timer !== undefined) return;
    this.#frame = requestAnimationFrame(() => this.#flush());
    this.#timer = setTimeout(() => this.#flush(), 1_000);
  }

  /** Forgets what was not handed on. */
  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending = [];
  }

  #flush(): void {
    const items = this.#pending;
    this.stop();
    if (items.length > 0) this.#deliver(items);
  }
}
