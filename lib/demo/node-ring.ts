import type { Flow, LostEvents } from '#lib/flow/flow.ts';

/** What one agent holds: its newest flows, by time, and the losses it knows of. */
export class NodeRing {
  private flows: Flow[] = [];
  private lost: LostEvents[] = [];
  seen = 0;

  constructor(readonly capacity: number) {}

  push(flow: Flow): void {
    this.flows.push(flow);
    this.seen++;
    // Trimmed a quarter at a time: what lies before the last `capacity` is not there any more either way.
    if (this.flows.length > this.capacity * 1.25) this.flows = this.flows.slice(-this.capacity);
  }

  lose(lost: LostEvents): void {
    this.lost = [...this.lost.slice(-99), lost];
  }

  get size(): number {
    return Math.min(this.flows.length, this.capacity);
  }

  /** Flows from `since` on (all when undefined), oldest first. */
  from(since: number | undefined): readonly Flow[] {
    const first = this.flows.length - this.size;
    if (since === undefined) return this.flows.slice(first);
    let low = first;
    let high = this.flows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.flows[middle] as Flow).time < since) low = middle + 1;
      else high = middle;
    }
    return this.flows.slice(low);
  }

  lostFrom(since: number | undefined): readonly LostEvents[] {
    return since === undefined ? this.lost : this.lost.filter(({ time }) => time >= since);
  }
}
