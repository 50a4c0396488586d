import 'server-only';
import type { Flow } from '#lib/flow/flow.ts';

/**
 * Puts flows in order of time within a small window: a relay that is asked for little delay sends with a little disorder. Each `release` lets out
 * what is not newer than the newest flow at the release before, so a flow waits at most two of them, and none is lost or doubled.
 */
export class Reorder {
  #pending: Flow[] = [];
  #newest = Number.NEGATIVE_INFINITY;
  #mark = Number.NEGATIVE_INFINITY;

  add(flow: Flow): void {
    this.#pending.push(flow);
    if (flow.time > this.#newest) this.#newest = flow.time;
  }

  get size(): number {
    return this.#pending.length;
  }

  release(): Flow[] {
    if (this.#pending.length === 0) return [];
    this.#pending.sort((a, b) => a.time - b.time);
    const upTo = this.#mark;
    this.#mark = this.#newest;
    const held = this.#pending.findIndex(({ time }) => time > upTo);
    return held < 0 ? this.flush() : this.#pending.splice(0, held);
  }

  /** Everything, in order: at the end of a stream. */
  flush(): Flow[] {
    const all = this.#pending.toSorted((a, b) => a.time - b.time);
    this.#pending = [];
    return all;
  }
}
