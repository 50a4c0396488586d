import { layoutFreely } from './free-layout.ts';
import { boundsOf, type LayoutCard, layoutMap, type LayoutLine, type PlacedMap, type Places } from './layout.ts';
import { COMPACT, ROOMY } from './measures.ts';
import { routeLines, type Routes } from './routing.ts';

/** The work of the layout worker, as a function. */
export interface LayoutRequest {
  readonly id: number;
  readonly cards: readonly LayoutCard[];
  readonly lines: readonly LayoutLine[];
  readonly places: Places;
  /** `grid` for what fits a screen, `free` for hundreds of cards. */
  readonly mode: 'grid' | 'free';
  /** Whether lines are routed around cards; otherwise they run straight. */
  readonly routed: boolean;
  /** Laid out upright, for a phone. */
  readonly compact: boolean;
}

export interface LayoutAnswer {
  readonly id: number;
  readonly map: PlacedMap;
  readonly routes: Routes;
}

export function placeAndRoute({ id, cards, lines, places, mode, routed, compact }: LayoutRequest): LayoutAnswer {
  const map = mode === 'grid' ? layoutMap(cards, lines, places, compact ? COMPACT : ROOMY) : layoutFreely(cards, lines, places);
  if (!routed) return { id, map, routes: new Map() };
  // On a phone they stand in the corners above, with no way out but up and down.
  const sides = compact ? [] : cards.filter(({ place }) => place === 'callers' || place === 'names');
  const atSides = sides.map((card) => card.id);
  const routes = routeLines(lines, map.cards, map.islands, new Set(atSides));
  // Lines may run around the outermost cards: they are part of what has to fit.
  const points = [...routes.values()].flat().map(({ x, y }) => ({ x, y, width: 0, height: 0 }));
  return { id, map: { ...map, bounds: boundsOf([map.bounds, ...points]) }, routes };
}
