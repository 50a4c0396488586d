import type { Timeline } from '#lib/api/timeline.ts';

/** What a timeline of the whole cluster tells of its parts. Pure. */

/** Unix milliseconds of the first minute in which anything was received; undefined where nothing was. */
export const knownSince = ({ times, flows }: Pick<Timeline, 'times' | 'flows'>): number | undefined =>
  times[flows.findIndex((count) => count > 0)];

/** Starts of the minutes without a single flow: no cluster is that quiet, so nothing is known of them. */
export const silentMinutes = ({ times, flows }: Pick<Timeline, 'times' | 'flows'>): ReadonlySet<number> =>
  new Set(times.filter((_time, index) => flows[index] === 0));
