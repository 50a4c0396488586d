import 'server-only';

/** A delivery is tried this often, over about six hours, then given up. */
export const MOST_ATTEMPTS = 8;

const FIRST_PAUSE_MS = 12_000;
const GROWTH = 3.3;
const JITTER = 0.2;
const LONGEST_ASKED_MS = 3_600_000;

/**
 * Milliseconds until the next attempt after `attempts` have failed: about 12 s, 40 s, 2 min, 7 min, 24 min, 78 min, 4 h, each up to a fifth more or
 * less so that receivers that come back are not met by all at once. A receiver that asks for a longer pause (`Retry-After`) gets it, up to an
 * hour. Undefined: no further attempt. `random` is between 0 and 1.
 */
export function pauseAfter(attempts: number, askedMs = 0, random = Math.random()): number | undefined {
  if (attempts >= MOST_ATTEMPTS) return undefined;
  const pause = FIRST_PAUSE_MS * GROWTH ** (attempts - 1) * (1 + JITTER * (2 * random - 1));
  return Math.round(Math.max(pause, Math.min(askedMs, LONGEST_ASKED_MS)));
}
