import type { MapEdge } from '#lib/topology/topology.ts';
import { droppedShare, lineStyle } from './line-style.ts';

/** By what the table of the map sorts. */
export type SortKey = 'source' | 'destination' | 'port' | 'verdict' | 'flows' | 'rate' | 'dropped' | 'encryption' | 'policies';

const VALUES: Readonly<Record<SortKey, (edge: MapEdge) => number | string>> = {
  source: ({ source }) => source,
  destination: ({ destination }) => destination,
  port: ({ port }) => port,
  verdict: ({ verdicts }) => lineStyle(verdicts),
  flows: ({ flows }) => flows,
  // One window for all edges: the order of rates is that of flows.
  rate: ({ flows }) => flows,
  dropped: ({ verdicts }) => droppedShare(verdicts),
  encryption: ({ encryption: { encrypted, plaintext } }) =>
    encrypted + plaintext === 0 ? -1 : plaintext / (encrypted + plaintext),
  policies: ({ policies }) => policies.length,
};

/** Sorted by `key`; equal ones by flows, most first, then by key, so that rows do not change places by chance. */
export function sortEdges(edges: readonly MapEdge[], key: SortKey, down: boolean): MapEdge[] {
  const value = VALUES[key];
  const sign = down ? -1 : 1;
  const order = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);
  return edges.toSorted((a, b) => sign * order(value(a), value(b)) || b.flows - a.flows || order(a.key, b.key));
}
