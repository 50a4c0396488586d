import type { ChangedTuple } from '#lib/api/what-if.ts';
import type { WouldBe } from './overlays.ts';

const KINDS = { 'newly-denied': 'newly-denied', 'newly-allowed': 'newly-allowed', unknown: 'undecided' } as const;
const WEIGHT = { 'newly-denied': 2, 'newly-allowed': 1, undecided: 0 } as const;

/** What would become of each edge, by its key at this level. Of several tuples on one edge the one that changes most counts. */
export function wouldBeByEdge(
  rows: readonly Pick<ChangedTuple, 'kind' | 'source' | 'destination' | 'protocol' | 'port'>[],
  level: 'namespace' | 'workload',
): Map<string, WouldBe> {
  const found = new Map<string, WouldBe>();
  const fold = (name: string) =>
    level === 'namespace' && !/^(?:entity|fqdn|cidr):/.test(name) ? (name.split('/', 1)[0] ?? name) : name;
  for (const { kind, source, destination, protocol, port } of rows) {
    const key = `${fold(source)}->${fold(destination)}:${protocol}/${port}`;
    const known = found.get(key);
    const would = { kind: KINDS[kind] };
    if (known === undefined || WEIGHT[would.kind] > WEIGHT[known.kind]) found.set(key, would);
  }
  return found;
}
