import type { MapEdge, MapNode, Topology } from '#lib/topology/topology.ts';
import type { CanvasModel, Card, Line } from './model.ts';

/** What the `selected` of a link means on the map as it is now. */
export type Selection =
  | { readonly kind: 'none' }
  | { readonly kind: 'edge'; readonly edge: MapEdge; readonly line: Line | undefined }
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'node'; readonly node: MapNode; readonly cards: readonly Card[] }
  | { readonly kind: 'group'; readonly card: Card }
  /** It was seen once, but not in this window. */
  | { readonly kind: 'away'; readonly id: string };

export function resolveSelection(selected: string | null, topology: Topology, model: CanvasModel): Selection {
  if (selected === null || selected === '') return { kind: 'none' };
  const edge = topology.edges.find(({ key }) => key === selected);
  if (edge) return { kind: 'edge', edge, line: model.lines.find(({ edges }) => edges.includes(edge)) };
  const line = model.lines.find(({ id }) => id === selected);
  if (line) {
    const only = line.edges.length === 1 ? line.edges[0] : undefined;
    return only ? { kind: 'edge', edge: only, line } : { kind: 'line', line };
  }
  const card = model.cards.get(selected);
  if (card?.folded && card.kind !== 'namespace') return { kind: 'group', card };
  if (card?.folded && card.nodes.length > 0 && card.nodes[0]?.kind !== 'namespace') return { kind: 'group', card };
  const node = topology.nodes.find(({ id }) => id === selected);
  if (node) return { kind: 'node', node, cards: [...model.cards.values()].filter(({ nodes }) => nodes.includes(node)) };
  return { kind: 'away', id: selected };
}

/** What a click on a line writes into the link: the edge when it is one, else the line. */
export const selectionOfLine = (line: Line): string => (line.edges.length === 1 ? (line.edges[0]?.key ?? line.id) : line.id);

/** What a click on a card writes into the link: its node, without the prefix of its side. */
export const selectionOfCard = (card: Card): string => (card.folded ? card.id : (card.nodes[0]?.id ?? card.id));

/** The lines and cards that stay bright while something is selected; undefined when nothing is. */
export function brightParts(
  selection: Selection,
  lines: readonly Line[],
): { lines: ReadonlySet<string>; cards: ReadonlySet<string> } | undefined {
  if (selection.kind === 'none' || selection.kind === 'away') return undefined;
  const chosen = selection.kind === 'edge' || selection.kind === 'line' ? selection.line : undefined;
  if (chosen) return { lines: new Set([chosen.id]), cards: new Set([chosen.source, chosen.target]) };
  const own = new Set(
    selection.kind === 'node' ? selection.cards.map(({ id }) => id) : selection.kind === 'group' ? [selection.card.id] : [],
  );
  const touching = lines.filter(({ source, target }) => own.has(source) || own.has(target));
  return {
    lines: new Set(touching.map(({ id }) => id)),
    cards: new Set([...own, ...touching.flatMap(({ source, target }) => [source, target])]),
  };
}

/** A card and everything it has a line with. */
export function neighbourhood(cardId: string, lines: readonly Line[]): ReadonlySet<string> {
  const cards = new Set([cardId]);
  for (const { source, target } of lines) {
    if (source === cardId) cards.add(target);
    if (target === cardId) cards.add(source);
  }
  return cards;
}
