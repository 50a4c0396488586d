import type { ReplayTuple } from '#lib/audit/judge-input.ts';
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
      l7: describeShape(tuple.l7),
      flows: tuple.flows,
      firstSeen: tuple.firstSeen,
      lastSeen: tuple.lastSeen,
    }));

/** A request in words, e.g. `GET /v1/orders/{number}`; empty where none is known. */
function describeShape(l7: ReplayTuple['l7']): string {
  switch (l7?.kind) {
    case 'http':
      return `${l7.method} ${l7.path}`.trim();
    case 'dns':
      return `DNS ${l7.name}`;
    case 'kafka':
      return `Kafka ${l7.api} ${l7.topic}`.trim();
    case 'other':
      return 'other requests';
    default:
      return '';
  }
}
