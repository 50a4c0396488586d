/** Counters are kept by minute: everything that is asked of them is asked of whole minutes. */
export const MINUTE_MS = 60_000;

/** Start of the minute that holds `time`, both in Unix milliseconds. */
export const minuteOf = (time: number): number => time - (time % MINUTE_MS);

/** Start of the first minute that begins at or after `time`. */
export const nextMinuteOf = (time: number): number => minuteOf(time + MINUTE_MS - 1);
