import 'server-only';
import type { RangeQuery } from '#lib/api/common.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { TimeRange } from './ring.ts';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Longest stretch one question may be about. */
const MOST_MS = 400 * UNIT_MS.d;

/** The window a query asks for, or undefined when it names none. `from` without `to` ends at `now`. Throws `bad-request`. */
export function rangeOf({ from, to, range }: RangeQuery, now: number): TimeRange | undefined {
  if (from === undefined && range === undefined) {
    if (to !== undefined) throw new CausewayError('bad-request', '`to` needs a `from`', { place: { parameter: 'to' } });
    return undefined;
  }
  const window = from === undefined ? { from: now - durationOf(range ?? ''), to: now } : { from, to: to ?? now };
  if (window.from > window.to) throw new CausewayError('bad-request', '`from` is after `to`', { place: { parameter: 'from' } });
  if (window.to - window.from > MOST_MS) {
    throw new CausewayError('bad-request', 'the window is longer than 400 days', { place: { parameter: 'from' } });
  }
  return window;
}

/** The same for a capture, which stands still: the last so much, counted from now, says nothing about it and means all of it. */
export function rangeInCapture({ range: _moving, ...window }: RangeQuery, now: number): TimeRange | undefined {
  return rangeOf(window, now);
}

/** `15m`, `2h`, `7d` in milliseconds; the form has been checked by the contract. */
function durationOf(range: string): number {
  const unit = range.at(-1);
  return Number.parseInt(range, 10) * (unit === 'h' || unit === 'd' ? UNIT_MS[unit] : UNIT_MS.m);
}
