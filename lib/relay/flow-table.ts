import 'server-only';

const WORDS = 4;
const LEAST_SLOTS = 1024;
/** Hexadecimal digits in lower case by character code; -1 for all else. */
const DIGITS = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** Where a uuid's 128 bits are put while they are looked up. */
const words = new Uint32Array(WORDS);

/**
 * A set of flows by uuid and time: 24 bytes each in typed arrays, which the garbage collector need not walk. Exact: all bits are compared, so that no
 * flow is ever taken for another. Grows as it fills.
 */
export class FlowTable {
  #mask = LEAST_SLOTS - 1;
  #words = new Uint32Array(LEAST_SLOTS * WORDS);
  /** NaN in a free slot. */
  #times = new Float64Array(LEAST_SLOTS).fill(Number.NaN);
  /** So that nobody can choose uuids that fall into one slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(uuid: string, time: number): boolean {
    return isCanonical(uuid) && !Number.isNaN(this.#times[this.#slotOf(time)]);
  }

  /** Adds a flow; false when `uuid` is none in canonical form, which this table does not hold. */
  add(uuid: string, time: number): boolean {
    if (!isCanonical(uuid)) return false;
    const slot = this.#slotOf(time);
    if (!Number.isNaN(this.#times[slot])) return true;
    this.#words.set(words, slot * WORDS);
    this.#times[slot] = time;
    this.#size += 1;
    if (this.#size * 2 > this.#times.length) this.#grow();
    return true;
  }

  clear(): void {
    this.#times.fill(Number.NaN);
    this.#size = 0;
  }

  /** Where the flow of `words` and `time` is, or would be put. */
  #slotOf(time: number): number {
    const [table, times] = [this.#words, this.#times];
    let hash = this.#seed;
    for (let word = 0; word < WORDS; word += 1) {
      hash = Math.imul(hash ^ (words[word] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * WORDS;
      const held = times[slot] as number;
      if (Number.isNaN(held)) return slot;
      if (
        held === time &&
        table[at] === words[0] &&
        table[at + 1] === words[1] &&
        table[at + 2] === words[2] &&
        table[at + 3] === words[3]
      ) {
        return slot;
      }
    }
  }

  #grow(): void {
    const [table, times] = [this.#words, this.#times];
    const slots = times.length * 2;
    this.#mask = slots - 1;
    this.#words = new Uint32Array(slots * WORDS);
    this.#times = new Float64Array(slots).fill(Number.NaN);
    times.forEach((time, slot) => {
      if (Number.isNaN(time)) return;
      words.set(table.subarray(slot * WORDS, (slot + 1) * WORDS));
      const to = this.#slotOf(time);
      this.#words.set(words, to * WORDS);
      this.#times[to] = time;
    });
  }
}

/** Puts the 128 bits of `uuid` into `words`; false when it is not written as 8-4-4-4-12 digits in lower case. */
function isCanonical(uuid: string): boolean {
  if (uuid.length !== 36) return false;
  let word = 0;
  let digits = 0;
  for (let at = 0; at < 36; at += 1) {
    const code = uuid.charCodeAt(at);
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== 45) return false;
      continue;
    }
    const digit = DIGITS[code] ?? -1;
    if (digit < 0) return false;
    word = (word << 4) | digit;
    digits += 1;
    if ((digits & 7) === 0) words[(digits >> 3) - 1] = word;
  }
  return true;
}
