/** What was counted of a tuple. Times are Unix seconds. */
export interface TupleCounts {
  readonly source: number;
  readonly destination: number;
  readonly port: number;
  readonly protocol: number;
  readonly rejected: boolean;
  readonly folded: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly packets: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Counts by source, destination (numbers below 65,536), protocol, port, verdict, in arrays of a fixed size: an open-addressing hash table, as a Map of
 * objects costs ten times the memory and half the speed here. When it is full, `add` says so.
 */
export class TupleTable {
  readonly #capacity: number;
  readonly #mask: number;
  readonly #ends: Int32Array;
  readonly #rest: Int32Array;
  readonly #records: Float64Array;
  readonly #bytes: Float64Array;
  readonly #packets: Float64Array;
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#mask = slots - 1;
    this.#ends = new Int32Array(slots);
    this.#rest = new Int32Array(slots);
    this.#records = new Float64Array(slots);
    this.#bytes = new Float64Array(slots);
    this.#packets = new Float64Array(slots);
    this.#first = new Float64Array(slots);
    this.#last = new Float64Array(slots);
  }

  /** Whether there was room. `rest` is made by `restOf`. */
  add(source: number, destination: number, rest: number, bytes: number, packets: number, start: number, end: number): boolean {
    const ends = (source << 16) | destination;
    let slot = mix(ends, rest) & this.#mask;
    while (this.#records[slot] !== 0 && (this.#ends[slot] !== ends || this.#rest[slot] !== rest)) slot = (slot + 1) & this.#mask;
    if (this.#records[slot] === 0) {
      if (this.size >= this.#capacity) return false;
      this.size += 1;
      this.#ends[slot] = ends;
      this.#rest[slot] = rest;
      this.#first[slot] = start;
      this.#last[slot] = end;
    }
    this.#records[slot] = (this.#records[slot] ?? 0) + 1;
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    this.#packets[slot] = (this.#packets[slot] ?? 0) + packets;
    if (start < (this.#first[slot] ?? 0)) this.#first[slot] = start;
    if (end > (this.#last[slot] ?? 0)) this.#last[slot] = end;
    return true;
  }

  *entries(): Generator<TupleCounts> {
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      const records = this.#records[slot] ?? 0;
      if (records === 0) continue;
      const ends = this.#ends[slot] ?? 0;
      const rest = this.#rest[slot] ?? 0;
      yield {
        source: ends >>> 16,
        destination: ends & 0xffff,
        port: (rest >>> 10) & 0xffff,
        protocol: (rest >>> 2) & 0xff,
        folded: (rest & 2) !== 0,
        rejected: (rest & 1) !== 0,
        records,
        bytes: this.#bytes[slot] ?? 0,
        packets: this.#packets[slot] ?? 0,
        first: this.#first[slot] ?? 0,
        last: this.#last[slot] ?? 0,
      };
    }
  }
}

export const restOf = (port: number, protocol: number, folded: boolean, rejected: boolean): number =>
  (port << 10) | (protocol << 2) | (folded ? 2 : 0) | (rejected ? 1 : 0);

/** Two rounds of the finaliser of MurmurHash3: neighbouring addresses and ports are spread over all slots. */
function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
