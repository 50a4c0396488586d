/** A seeded source of chance: the same seed gives the same cluster and the same traffic. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
  /** Exponentially distributed. */
  exponential(mean: number): number;
  hex(length: number): string;
  /** A tail of a pod name, in Kubernetes' alphabet. */
  tag(length: number): string;
}

const HEX = '0123456789abcdef';
const TAG = 'bcdfghjklmnpqrstvwxz2456789';

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const text = (alphabet: string, length: number): string => {
    let result = '';
    for (let i = 0; i < length; i++) result += alphabet[below(alphabet.length)];
    return result;
  };
  return {
    next,
    below,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as T;
    },
    chance: (probability) => next() < probability,
    exponential: (mean) => -Math.log(1 - next()) * mean,
    hex: (length) => text(HEX, length),
    tag: (length) => text(TAG, length),
  };
}
