/** Numbers, rates and times as people read them. Pure; English figures and UTC, so that two people on a call see the same. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const NBSP = '\u00a0';

/** `1,932,361`. */
export const exact = (value: number): string =>
  Number.isInteger(value) ? whole.format(value) : value.toLocaleString('en-US', { maximumFractionDigits: 3 });

/** `537`, `12.4 k`, `1.93 M`: three figures; whole up to 9,999. */
export function humanised(value: number): string {
  const size = Math.abs(value);
  if (size < 10_000) return size < 100 && !Number.isInteger(value) ? value.toFixed(1) : whole.format(value);
  const [unit, name] = size < 999_500 ? [1e3, 'k'] : size < 999_500_000 ? [1e6, 'M'] : [1e9, 'G'];
  const scaled = value / unit;
  return `${scaled.toFixed(Math.abs(scaled) < 10 ? 2 : Math.abs(scaled) < 100 ? 1 : 0)}${NBSP}${name}`;
}

/** A share as `2.6 %`; no denominator, no share: undefined. With a `threshold` (in percent) as many decimals as decide. */
export function percent(part: number, of: number, threshold?: number): string | undefined {
  if (!(of > 0)) return undefined;
  const value = (part / of) * 100;
  const digits = decimalsOf(value, threshold);
  const text = value.toFixed(digits);
  if (part > 0 && Number(text) === 0) return `<${NBSP}${(10 ** -digits).toFixed(digits)}${NBSP}%`;
  if (part < of && Number(text) === 100) return `>${NBSP}${(100 - 10 ** -digits).toFixed(digits)}${NBSP}%`;
  return `${text}${NBSP}%`;
}

/** As few decimals as keep `value` apart from 0, from 100 and from the threshold that decides. */
function decimalsOf(value: number, threshold: number | undefined): number {
  if (value === 0 || value === 100) return threshold === undefined ? 0 : 2;
  const [least, most, apart] = threshold === undefined ? [1, 3, [0, 100]] : [2, 4, [0, 100, threshold]];
  const enough = (digits: number) => !apart.some((edge) => edge !== value && Number(value.toFixed(digits)) === edge);
  for (let digits = least; digits < most; digits += 1) if (enough(digits)) return digits;
  return most;
}

/** How long: `0.8 s`, `42 s`, `25 min`, `3 h 5 min`, `12 d`. Milliseconds in. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}${NBSP}s`;
  if (seconds < 99.5) return `${seconds.toFixed(0)}${NBSP}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes}${NBSP}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours}${NBSP}h` : `${hours}${NBSP}h ${minutes % 60}${NBSP}min`;
  return `${Math.round(hours / 24)}${NBSP}d`;
}

/** `1.4 MB`. */
export function bytes(size: number): string {
  if (size < 1000) return `${whole.format(size)}${NBSP}B`;
  const power = Math.min(4, Math.floor(Math.log10(size) / 3));
  return `${(size / 1000 ** power).toFixed(1)}${NBSP}${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** `14:03` in UTC, for axes. */
export const clock = (ms: number): string => {
  const time = new Date(ms);
  return `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
};

/** `14:03:41.204` in UTC, for rows of flows. */
export const clockMs = (ms: number): string => {
  const time = new Date(ms);
  return `${clock(ms)}:${two(time.getUTCSeconds())}.${String(time.getUTCMilliseconds()).padStart(3, '0')}`;
};

/** `2 Mar` in UTC. */
export const day = (ms: number): string => {
  const time = new Date(ms);
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]}`;
};

/** `2 Mar 2026 14:03:41 UTC`. */
export const utc = (ms: number): string =>
  `${day(ms)} ${new Date(ms).getUTCFullYear()} ${clock(ms)}:${two(new Date(ms).getUTCSeconds())} UTC`;

/** The exact time in UTC and on the reader's own clock, for a hover. */
export const utcAndLocal = (ms: number): string => `${utc(ms)}\n${new Date(ms).toLocaleString()} local`;

/** A time seen from `now`: `just now`, `42 s ago`, `in 3 h`. */
export function relative(ms: number, now: number): string {
  const gap = now - ms;
  if (Math.abs(gap) < 1000) return 'just now';
  return gap > 0 ? `${duration(gap)} ago` : `in ${duration(-gap)}`;
}

/** A node without the name of its cluster, which relays of several clusters write before it (`cluster/node`). */
export const shortNode = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

export type Change = { readonly text: string; readonly tone: 'new' | 'up' | 'down' | 'same' };

/** What became of `before`: `+76 %`, `−7 %`, `new`, `gone`; undefined when there is nothing to compare with. */
export function changeOf(now: number, before: number, comparable: boolean): Change | undefined {
  if (!comparable) return undefined;
  if (before === 0) return now === 0 ? { text: '0', tone: 'same' } : { text: 'new', tone: 'new' };
  if (now === 0) return { text: 'gone', tone: 'down' };
  const share = ((now - before) / before) * 100;
  if (share >= 1000) return { text: `×${NBSP}${humanised(Math.round(now / before))}`, tone: 'up' };
  const rounded = Math.round(share);
  if (rounded === 0) return { text: `0${NBSP}%`, tone: 'same' };
  return { text: `${rounded > 0 ? '+' : '−'}${Math.abs(rounded)}${NBSP}%`, tone: rounded > 0 ? 'up' : 'down' };
}
