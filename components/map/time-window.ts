/** Windows of time on the strip. Pure; all in Unix milliseconds. */

export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

export const MINUTE = 60_000;

/** The strip shows this much, and less while there is no more: at least half an hour, with a little room before the first flow. */
export const STRIP_MS = 3 * 60 * MINUTE;
const LEAST_STRIP_MS = 30 * MINUTE;
const ROOM_MS = 2 * MINUTE;
/** What a click without a drag chooses. */
const CLICK_MS = 5 * MINUTE;

/** What the strip shows at `to`, of a history that begins at `since` (undefined while not known). */
export function stripOf(to: number, since: number | undefined): TimeWindow {
  const from = to - STRIP_MS;
  return { from: since === undefined ? from : Math.max(from, Math.min(since - ROOM_MS, to - LEAST_STRIP_MS)), to };
}

/** What a drag from one time to another chooses: whole minutes, inside `bounds`; a click chooses the five minutes around it. */
export function draggedWindow(start: number, end: number, bounds: TimeWindow): TimeWindow {
  const [a, b] = [Math.min(start, end), Math.max(start, end)];
  if (b - a < MINUTE) return moved({ from: a - CLICK_MS / 2, to: a + CLICK_MS / 2 }, 0, bounds);
  return { from: Math.max(floor(a), floor(bounds.from)), to: Math.min(floor(b - 1) + MINUTE, bounds.to) };
}

/** The window shifted by `by`, whole minutes, kept inside `bounds` with its length. */
export function moved(window: TimeWindow, by: number, bounds: TimeWindow): TimeWindow {
  const length = Math.round((window.to - window.from) / MINUTE) * MINUTE;
  const latest = floor(bounds.to) - length;
  const from = Math.max(Math.min(floor(window.from + by), latest), floor(bounds.from));
  return { from, to: from + length };
}

/** The window before `window` to compare it with: as long, one hour earlier, or just before where the hour is out of reach. */
export function comparable(window: TimeWindow, bounds: TimeWindow): TimeWindow {
  const hour = 60 * MINUTE;
  const reach = window.from - hour >= bounds.from;
  return moved(window, reach ? -hour : -(window.to - window.from), {
    from: Math.min(bounds.from, window.from - hour),
    to: bounds.to,
  });
}

const floor = (time: number): number => Math.floor(time / MINUTE) * MINUTE;
