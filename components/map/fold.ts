import type { MapNode, Topology } from '#lib/topology/topology.ts';
import type { Place } from './model.ts';

/** Above this many cards the map folds by itself, and draws on a canvas when a person unfolds it all the same. */
export const CARD_LIMIT = 150;
/** Outside names or callers beyond which they stand as one card; on a phone two are one too many. */
const OUTSIDE_LIMIT = 8;
const OUTSIDE_LIMIT_COMPACT = 1;

export const CALLERS = '@callers';
export const NAMES = '@names';

/** What a person asked to fold or open; `auto` leaves the rest to the size of the map. */
export interface FoldChoice {
  readonly all: 'auto' | 'folded' | 'open';
  readonly fold: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
}

export const NO_CHOICE: FoldChoice = { all: 'auto', fold: new Set(), open: new Set() };

/** The namespaces and outside groups that are folded: explicit choices first, then `all`, then the size of the map. */
export function foldedGroups(topology: Topology, choice: FoldChoice, compact = false): ReadonlySet<string> {
  const namespaces = new Map<string, number>();
  const outside = { [CALLERS]: new Set<string>(), [NAMES]: new Set<string>() };
  for (const node of topology.nodes) {
    if (node.namespace !== '' && node.kind !== 'namespace')
      namespaces.set(node.namespace, (namespaces.get(node.namespace) ?? 0) + 1);
  }
  const external = new Set(topology.nodes.filter(isFoldableOutside).map(({ id }) => id));
  for (const { source, destination } of topology.edges) {
    if (external.has(source)) outside[CALLERS].add(source);
    if (external.has(destination)) outside[NAMES].add(destination);
  }
  const cards = [...namespaces.values()].reduce((sum, count) => sum + count, 0);
  const folded = new Set<string>();
  const decide = (group: string, byItself: boolean) => {
    if (choice.fold.has(group)) folded.add(group);
    else if (choice.open.has(group)) return;
    else if (choice.all === 'folded' || (choice.all === 'auto' && byItself)) folded.add(group);
  };
  for (const namespace of namespaces.keys()) decide(namespace, cards > CARD_LIMIT);
  for (const group of [CALLERS, NAMES] as const) {
    if (outside[group].size > 1)
      decide(group, outside[group].size > (compact ? OUTSIDE_LIMIT_COMPACT : OUTSIDE_LIMIT) || cards > CARD_LIMIT);
  }
  return folded;
}

/** The choice after a person toggled one group that is now folded, or not. */
export function toggleGroup(choice: FoldChoice, group: string, isFolded: boolean): FoldChoice {
  const without = (set: ReadonlySet<string>) => new Set([...set].filter((name) => name !== group));
  const fold = without(choice.fold);
  const open = without(choice.open);
  (isFolded ? open : fold).add(group);
  return { all: choice.all, fold, open };
}

/** Names and address ranges fold into one card; entities such as `world` stay by themselves. */
export const isFoldableOutside = (node: MapNode): boolean =>
  node.namespace === '' && node.kind === 'external' && !node.id.startsWith('entity:');

/** Where a node outside the islands stands, by the side on which an edge has it. */
export function placeOf(node: MapNode, side: 'source' | 'destination'): Place {
  if (node.namespace !== '' || node.kind === 'namespace') return 'island';
  if (node.kind === 'external' || node.id.startsWith('entity:world')) return side === 'source' ? 'callers' : 'names';
  return 'platform';
}
