import type { MapEdge, Topology } from './topology.ts';

/** What an edge became between two times. */
export type EdgeChange =
  | { readonly kind: 'new'; readonly after: MapEdge }
  | { readonly kind: 'gone'; readonly before: MapEdge }
  | { readonly kind: 'changed'; readonly before: MapEdge; readonly after: MapEdge; readonly reasons: readonly ChangeReason[] }
  | { readonly kind: 'same'; readonly before: MapEdge; readonly after: MapEdge };

/** In which way: worth a mark on the map, the most important first. */
export type ChangeReason = 'drops' | 'status' | 'encryption' | 'policies' | 'errors' | 'latency' | 'volume';

export interface TopologyDiff {
  /** By edge key; every edge of either side. */
  readonly edges: ReadonlyMap<string, EdgeChange>;
  /** Ids of nodes on one side only. */
  readonly newNodes: readonly string[];
  readonly goneNodes: readonly string[];
}

/** By how much a count or latency must differ to be a change, at both small and large numbers. */
const FACTOR = 2;
const MINIMUM_FLOWS = 20;

/**
 * Compares two maps of the same level. Counts are compared as rates where the windows differ in length; idle edges, which have no flows in the window, count
 * as absent.
 */
export function diffTopologies(before: Topology, after: Topology): TopologyDiff {
  const scale = (after.to - after.from) / Math.max(1, before.to - before.from);
  const earlier = new Map(before.edges.filter(hasFlows).map((edge) => [edge.key, edge]));
  const later = new Map(after.edges.filter(hasFlows).map((edge) => [edge.key, edge]));
  const edges = new Map<string, EdgeChange>();
  for (const [key, edge] of later) {
    const known = earlier.get(key);
    edges.set(key, known ? changeOf(known, edge, scale) : { kind: 'new', after: edge });
  }
  for (const [key, edge] of earlier) if (!later.has(key)) edges.set(key, { kind: 'gone', before: edge });
  const nodesBefore = nodesOf(earlier);
  const nodesAfter = nodesOf(later);
  return {
    edges,
    newNodes: [...nodesAfter].filter((id) => !nodesBefore.has(id)),
    goneNodes: [...nodesBefore].filter((id) => !nodesAfter.has(id)),
  };
}

function changeOf(before: MapEdge, after: MapEdge, scale: number): EdgeChange {
  const differs = (count: (edge: MapEdge) => number): boolean => {
    const was = count(before) * scale;
    const is = count(after);
    return Math.max(was, is) >= MINIMUM_FLOWS && Math.max(was, is) > FACTOR * Math.min(was, is);
  };
  const began = (count: (edge: MapEdge) => number): boolean => (count(before) === 0) !== (count(after) === 0);
  const checks: readonly (readonly [ChangeReason, boolean])[] = [
    ['drops', began(dropsOf) || differs(dropsOf)],
    ['status', before.status !== after.status],
    ['encryption', began((edge) => edge.encryption.plaintext) || began((edge) => edge.encryption.encrypted)],
    ['policies', !sameSet(before.policies, after.policies)],
    ['errors', began(errorsOf) || differs(errorsOf)],
    ['latency', latencyDiffers(before, after)],
    ['volume', differs((edge) => edge.flows)],
  ];
  const reasons = checks.filter(([, holds]) => holds).map(([reason]) => reason);
  return reasons.length > 0 ? { kind: 'changed', before, after, reasons } : { kind: 'same', before, after };
}

const nodesOf = (side: ReadonlyMap<string, MapEdge>): ReadonlySet<string> =>
  new Set([...side.values()].flatMap(({ source, destination }) => [source, destination]));
const hasFlows = (edge: MapEdge): boolean => edge.flows > 0;
const dropsOf = (edge: MapEdge): number => Object.values(edge.drops).reduce((sum, count) => sum + count, 0);
const errorsOf = (edge: MapEdge): number => (edge.http['5xx'] ?? 0) + (edge.dns.SERVFAIL ?? 0) + (edge.verdicts.ERROR ?? 0);
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name));

function latencyDiffers({ latencyMs: was }: MapEdge, { latencyMs: is }: MapEdge): boolean {
  if (!was || !is || was.count < MINIMUM_FLOWS || is.count < MINIMUM_FLOWS) return false;
  return Math.max(was.p95, is.p95) > FACTOR * Math.min(was.p95, is.p95);
}
