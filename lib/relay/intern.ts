import 'server-only';

/** How far an entry may lie from its hash's slot. Beyond it, as when someone chooses colliding names, nothing is kept: slower, never wrong, never larger. */
const MAX_PROBES = 8;
/** Longer runs seldom repeat, and keeping them would let one sender fill the memory. */
const MAX_KEY_BYTES = 2048;

/**
 * Remembers what a run of bytes was decoded to, so that the endpoints, names and policies that repeat in every flow are decoded once
 * and are one object afterwards. Bounded: when `limit` entries are held, it starts over.
 */
export class InternTable<T> {
  private readonly mask: number;
  private readonly keys: (Buffer | undefined)[];
  private readonly values: (T | undefined)[];
  private held = 0;
  private slot = 0;

  constructor(private readonly limit: number) {
    const slots = 2 ** Math.ceil(Math.log2(limit * 2));
    this.mask = slots - 1;
    this.keys = Array.from({ length: slots }, () => undefined);
    this.values = Array.from({ length: slots }, () => undefined);
  }

  /** What `bytes[from..end)` was decoded to. When it was not, `add` right afterwards keeps it. */
  find(bytes: Buffer, from: number, end: number): T | undefined {
    this.slot = -1;
    if (end - from > MAX_KEY_BYTES) return undefined;
    let slot = hashOf(bytes, from, end) & this.mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const key = this.keys[slot];
      if (key === undefined) {
        this.slot = slot;
        return undefined;
      }
      if (isEqual(key, bytes, from, end)) return this.values[slot];
      slot = (slot + 1) & this.mask;
    }
    return undefined;
  }

  /** Keeps `value` for the bytes that `find` has just missed. */
  add(bytes: Buffer, from: number, end: number, value: T): T {
    if (this.slot < 0) return value;
    if (this.held >= this.limit) {
      this.clear();
      return value;
    }
    this.keys[this.slot] = Buffer.from(bytes.subarray(from, end)); // a copy: the frame's memory must not live on
    this.values[this.slot] = value;
    this.held++;
    return value;
  }

  clear(): void {
    this.keys.fill(undefined);
    this.values.fill(undefined);
    this.held = 0;
  }
}

/** FNV-1a over words of four bytes. */
function hashOf(bytes: Buffer, from: number, end: number): number {
  let hash = 0x811c9dc5 ^ (end - from);
  let at = from;
  for (; at + 4 <= end; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function isEqual(key: Buffer, bytes: Buffer, from: number, end: number): boolean {
  if (key.length !== end - from) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[from + i]) return false;
  return true;
}
