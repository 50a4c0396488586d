import type { L7Shape } from '#lib/ledger/l7-shape.ts';
import type { ReplayTuple, Seen } from './judge-input.ts';

/** A request in words, e.g. `GET /v1/balances/{id}`; empty where none is known. */
export function requestText(l7: L7Shape | null): string {
  switch (l7?.kind) {
    case 'http':
      return `${l7.method} ${l7.path}`.trim();
    case 'dns':
      return `DNS ${l7.name}`;
    case 'kafka':
      return `Kafka ${l7.api} ${l7.topic}`.trim();
    case 'other':
      return 'other requests';
    case undefined:
      return '';
  }
}

/** A tuple as it is shown. Times are Unix milliseconds. */
export interface SeenTraffic {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly port: number;
  readonly l7: string;
  readonly flows: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

export const seenTrafficOf = (tuple: ReplayTuple): SeenTraffic => ({
  source: tuple.source.name,
  destination: tuple.destination.name,
  protocol: tuple.protocol,
  port: tuple.port,
  l7: requestText(tuple.l7),
  flows: tuple.flows,
  firstSeen: tuple.firstSeen,
  lastSeen: tuple.lastSeen,
});

/** What was seen, most flows first, e.g. `FORWARDED` or `DROPPED (POLICY_DENIED), FORWARDED`. */
export const seenText = (seen: readonly Seen[]): string =>
  seen.map(({ verdict, dropReason }) => (dropReason === '' ? verdict : `${verdict} (${dropReason})`)).join(', ');

/** Whether traffic passed, as far as was seen: most of its flows were let through. */
export const passed = (seen: readonly Seen[]): boolean => {
  const flowsOf = (rows: readonly Seen[]): number => rows.reduce((sum, { flows }) => sum + flows, 0);
  const dropped = seen.filter(({ verdict }) => verdict === 'DROPPED' || verdict === 'ERROR');
  return flowsOf(dropped) * 2 < flowsOf(seen);
};
