import 'server-only';

/** Sequences of a stream, as ranges in order: what comes one after the other takes next to no room. */
export class SequenceSet {
  #ranges: [from: number, to: number][] = [];
  /** All sequences up to here were forgotten. */
  #floor = 0;

  get floor(): number {
    return this.#floor;
  }

  get ranges(): number {
    return this.#ranges.length;
  }

  /** Where a reader goes on that knows nothing but this; undefined when it is empty. */
  get resumeFrom(): number | undefined {
    return this.#floor > 0 ? this.#floor + 1 : this.#ranges[0]?.[0];
  }

  get newest(): number {
    return this.#ranges.at(-1)?.[1] ?? this.#floor;
  }

  /** What was forgotten is not in it. */
  has(sequence: number): boolean {
    const range = this.#ranges[this.#place(sequence)];
    return range !== undefined && sequence >= range[0];
  }

  add(sequence: number): void {
    if (sequence <= this.#floor) return;
    const at = this.#place(sequence);
    const range = this.#ranges[at];
    if (range && sequence >= range[0]) return;
    const before = this.#ranges[at - 1];
    const joinsBefore = before !== undefined && before[1] === sequence - 1;
    const joinsAfter = range !== undefined && range[0] === sequence + 1;
    if (joinsBefore && joinsAfter) {
      before[1] = range[1];
      this.#ranges.splice(at, 1);
    } else if (joinsBefore) before[1] = sequence;
    else if (joinsAfter) range[0] = sequence;
    else this.#ranges.splice(at, 0, [sequence, sequence]);
  }

  /** Forgets what is never asked for any more. */
  forgetUpTo(floor: number): void {
    if (floor <= this.#floor) return;
    this.#floor = floor;
    this.#ranges.splice(0, this.#place(floor + 1));
    const first = this.#ranges[0];
    if (first && first[0] <= floor) first[0] = floor + 1;
  }

  /** Floor and ranges as differences, each in as few bytes as it needs (LEB128), in base64. */
  encode(): string {
    const bytes: number[] = [];
    let last = 0;
    const put = (value: number): void => {
      let rest = value - last;
      last = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
      bytes.push(rest);
    };
    put(this.#floor);
    for (const [from, to] of this.#ranges) {
      put(from);
      put(to);
    }
    return Buffer.from(bytes).toString('base64');
  }

  /** What `encode` wrote. */
  static decode(text: string): SequenceSet {
    const values: number[] = [];
    let [value, factor, last] = [0, 1, 0];
    for (const byte of Buffer.from(text, 'base64')) {
      value += (byte % 128) * factor;
      factor *= 128;
      if (byte >= 128) continue;
      values.push((last += value));
      [value, factor] = [0, 1];
    }
    const set = new SequenceSet();
    set.#floor = values[0] ?? 0;
    for (let at = 1; at + 1 < values.length; at += 2) set.#ranges.push([values[at] ?? 0, values[at + 1] ?? 0]);
    return set;
  }

  /** Index of the first range that ends at `sequence` or after it. */
  #place(sequence: number): number {
    let [low, high] = [0, this.#ranges.length];
    if ((this.#ranges[high - 1]?.[1] ?? 0) < sequence) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
