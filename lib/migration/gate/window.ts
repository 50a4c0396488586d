import type { GateWindow } from './rules.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Whether a gate may be passed at `time` (Unix milliseconds). */
export const isWindowOpen = (windows: readonly GateWindow[], time: number): boolean =>
  windows.length === 0 || windows.some((window) => openingsAround(window, time).some(([from, to]) => from <= time && time < to));

/** When the next window begins after `time`: Unix milliseconds; undefined where none is set. */
export function nextWindow(windows: readonly GateWindow[], time: number): number | undefined {
  const starts = windows.flatMap((window) => openingsAround(window, time).map(([from]) => from)).filter((from) => from > time);
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

/** Where a window stands open, from the day before `time` to a week after it. */
function openingsAround({ days, from, to }: GateWindow, time: number): [number, number][] {
  const today = Math.floor(time / DAY) * DAY;
  const length = (minutesOf(to) - minutesOf(from)) * MINUTE;
  return Array.from({ length: 9 }, (_, index) => today + (index - 1) * DAY)
    .filter((midnight) => days.includes(weekdayOf(midnight)))
    .map((midnight) => {
      const start = midnight + minutesOf(from) * MINUTE;
      return [start, start + (length > 0 ? length : length + DAY)];
    });
}

/** 1 (Monday) to 7. */
const weekdayOf = (time: number): number => new Date(time).getUTCDay() || 7;

function minutesOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}
