/** Events of one kind by one caller that are written as they come, in a window; the others of it are counted. */
const MOST_IN_WINDOW = 5;
/** Events of all kinds and callers that are written in a window: many callers cannot fill the disk either. */
const MOST_IN_ALL = 300;
const WINDOW_MS = 60_000;
/** Callers and kinds remembered; those beyond share one place. */
const MOST_KEYS = 10_000;
const THE_REST = '';

interface Window<E> {
  began: number;
  written: number;
  /** Events counted but not written since, and the last of them. */
  counted: number;
  last: E | undefined;
}

/** An event to write, standing for `count` of its kind by its caller. */
export interface Counted<E> {
  readonly event: E;
  readonly count: number;
}

/**
 * Keeps a flood of events that anybody can cause from filling the log: each is either written or counted, and what was counted is written as
 * one when its minute is over. Nothing is lost but the text of the repeats.
 */
export class AuditThrottle<E> {
  readonly #windows = new Map<string, Window<E>>();
  #all = { began: 0, written: 0 };

  /** The event to write now, or undefined when it was counted. `key` names caller and kind. */
  take(key: string, event: E, now: number): Counted<E> | undefined {
    const known = this.#windows.has(key) || this.#windows.size < MOST_KEYS ? key : THE_REST;
    const window = this.#windows.get(known) ?? { began: now, written: 0, counted: 0, last: undefined };
    this.#windows.set(known, window);
    if (now - this.#all.began >= WINDOW_MS || now < this.#all.began) this.#all = { began: now, written: 0 };
    if (window.written < MOST_IN_WINDOW && this.#all.written < MOST_IN_ALL) {
      window.written += 1;
      this.#all.written += 1;
      return { event, count: 1 };
    }
    window.counted += 1;
    window.last = event;
    return undefined;
  }

  /** What was counted in windows that are over, and forgets those. Call it every few seconds. */
  due(now: number): Counted<E>[] {
    const due: Counted<E>[] = [];
    for (const [key, { began, counted, last }] of this.#windows) {
      if (now - began < WINDOW_MS && now >= began) continue;
      this.#windows.delete(key);
      if (last !== undefined && counted > 0) due.push({ event: last, count: counted });
    }
    return due;
  }
}
