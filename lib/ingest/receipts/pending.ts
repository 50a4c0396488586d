import 'server-only';

interface Waiter {
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What was taken and is not done yet, in its order, and who waits for it. */
export class Pending {
  #taken = 0;
  #done = 0;
  #waiters: Waiter[] = [];

  /** One more was taken. */
  take(): void {
    this.#taken += 1;
  }

  /** Whether somebody waits. */
  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  get isEmpty(): boolean {
    return this.#done >= this.#taken;
  }

  /** Resolves once all that was taken before is done; rejects with what `fail` is told meanwhile. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ target: this.#taken, resolve, reject }));
  }

  /** The next `count` are done. */
  finish(count: number): void {
    this.#done += count;
    this.#end(
      ({ target }) => target <= this.#done,
      ({ resolve }) => resolve(),
    );
  }

  /** Whoever waits now has to wait no longer, though nothing is done. */
  letGo(): void {
    this.#end(
      () => true,
      ({ resolve }) => resolve(),
    );
  }

  /** Whoever waits now is told why it is not done. */
  fail(error: Error): void {
    this.#end(
      () => true,
      ({ reject }) => reject(error),
    );
  }

  #end(which: (waiter: Waiter) => boolean, how: (waiter: Waiter) => void): void {
    const ended = this.#waiters.filter(which);
    this.#waiters = this.#waiters.filter((waiter) => !ended.includes(waiter));
    for (const waiter of ended) how(waiter);
  }
}
