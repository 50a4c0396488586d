import 'server-only';
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** How long to wait before attempt `attempt` (from 1): doubling, and anywhere in its upper half, so that many consoles do not knock together. */
export const backoffMs = (attempt: number, random: () => number = Math.random): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10)) * (0.5 + 0.5 * random());

/** Waits `ms`, or until `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
