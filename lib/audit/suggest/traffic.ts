import { requestText } from '#lib/audit/tuple-text.ts';
import type { Connection } from './connection.ts';
import type { SeenTraffic } from './suggestion.ts';

/** Traffic shown for a rule at most. */
const MOST_TRAFFIC = 20;

/** What a rule rests on, most flows first. */
export const trafficOf = (connections: readonly Connection[]): SeenTraffic[] =>
  connections
    .map(({ tuple }) => tuple)
    .toSorted((a, b) => b.flows - a.flows || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_TRAFFIC)
    .map((tuple) => ({
      source: tuple.source.name,
      destination: tuple.destination.name,
      protocol: tuple.protocol,
      port: tuple.port,
      l7: requestText(tuple.l7),
      flows: tuple.flows,
      firstSeen: tuple.firstSeen,
      lastSeen: tuple.lastSeen,
    }));
