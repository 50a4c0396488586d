/** A binary heap of numbered states by cost, cheapest first. */
export class Heap {
  private readonly costs: number[] = [];
  private readonly states: number[] = [];

  push(state: number, cost: number): void {
    let child = this.costs.length;
    this.costs.push(cost);
    this.states.push(state);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (this.costAt(parent) <= this.costAt(child)) return;
      this.swap(parent, child);
      child = parent;
    }
  }

  /** The cheapest state, taken out; undefined when none is left. */
  pop(): number | undefined {
    const top = this.states[0];
    const lastState = this.states.pop();
    const lastCost = this.costs.pop();
    if (lastState === undefined || lastCost === undefined || this.states.length === 0) return top;
    this.states[0] = lastState;
    this.costs[0] = lastCost;
    for (let parent = 0; ;) {
      const left = parent * 2 + 1;
      const child = this.costAt(left + 1) < this.costAt(left) ? left + 1 : left;
      if (this.costAt(parent) <= this.costAt(child)) return top;
      this.swap(parent, child);
      parent = child;
    }
  }

  private costAt(index: number): number {
    return this.costs[index] ?? Infinity;
  }

  private swap(a: number, b: number): void {
    for (const items of [this.costs, this.states]) {
      const kept = items[a] ?? 0;
      items[a] = items[b] ?? 0;
      items[b] = kept;
    }
  }
}
