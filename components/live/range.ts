/** The time range of the console, as its URL carries it. Pure. */

export const RANGES = ['5m', '15m', '1h', '3h', '24h', '7d'] as const;
export const DEFAULT_RANGE = '5m';

const UNITS: Readonly<Record<string, { readonly ms: number; readonly word: string }>> = {
  m: { ms: 60_000, word: 'min' },
  h: { ms: 3_600_000, word: 'h' },
  d: { ms: 86_400_000, word: 'd' },
};
const SHAPE = /^([1-9]\d{0,3})([mhd])$/;

/** Milliseconds of `15m`, `3h`, `7d`; of the default range when it is none. */
export function rangeMs(range: string): number {
  const { count, unit } = partsOf(range);
  return count * unit.ms;
}

/** `15 min`, `3 h`: how a range is written beside a number. */
export function rangeWords(range: string): string {
  const { count, unit } = partsOf(range);
  return `${count}\u00a0${unit.word}`;
}

export const isRange = (text: string): boolean => SHAPE.test(text);

/** What of the URL decides the window shown. `from` given: a window of the past; else the last `range`, moving with the clock. */
export interface Window {
  readonly range: string;
  readonly from: number | null;
  readonly to: number | null;
}

/** Query parameters for the API: `range=1h`, or `from=…&to=…`. */
export function windowQuery({ range, from, to }: Window): string {
  if (from === null) return `range=${range}`;
  return to === null ? `from=${from}` : `from=${from}&to=${to}`;
}

/** Length of the window in milliseconds. `now` matters only for a window without an end. */
export const windowMs = ({ range, from, to }: Window, now: number): number =>
  from === null ? rangeMs(range) : Math.max(0, (to ?? now) - from);

/** How often a view of this window is worth asking for again, in milliseconds; 0 for a window of the past. */
export function refreshMsOf({ range, from, to }: Window): number {
  if (from !== null && to !== null) return 0;
  const length = rangeMs(range);
  if (length <= 3_600_000) return 5000;
  return length <= 86_400_000 ? 15_000 : 60_000;
}

function partsOf(range: string) {
  const [, count = '5', letter = 'm'] = SHAPE.exec(range) ?? SHAPE.exec(DEFAULT_RANGE) ?? [];
  return { count: Number(count), unit: UNITS[letter] ?? { ms: 60_000, word: 'min' } };
}
