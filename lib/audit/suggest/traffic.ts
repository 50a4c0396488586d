import { type SeenTraffic, seenTrafficOf } from '#lib/audit/tuple-text.ts';
import type { Connection } from './connection.ts';

/** Traffic shown for a rule at most. */
const MOST_TRAFFIC = 20;

/** What a rule rests on, most flows first. */
export const trafficOf = (connections: readonly Connection[]): SeenTraffic[] =>
  connections
    .map(({ tuple }) => tuple)
    .toSorted((a, b) => b.flows - a.flows || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_TRAFFIC)
    .map(seenTrafficOf);
