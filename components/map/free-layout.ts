import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from 'd3-force';
import { arrangeCells } from './arrange-cells.ts';
import {
  blockSize,
  boundsOf,
  groupBy,
  type LayoutCard,
  type LayoutLine,
  NO_PLACES,
  type PlacedMap,
  type Places,
} from './layout.ts';
import { CARD, CELL_GAP, ISLAND } from './measures.ts';
import type { Point, Rect } from './model.ts';

/**
 * The layout of a map with hundreds of unfolded cards: each island is a body, bodies that talk attract each other, none overlap. Inside an
 * island cards stand in a grid, as in the small map. Remembered islands stay where they are.
 */
export function layoutFreely(
  cards: readonly LayoutCard[],
  lines: readonly LayoutLine[],
  remembered: Places = NO_PLACES,
): PlacedMap {
  const blocks = groupBy(cards, (card) => (card.place === 'island' ? card.namespace : card.id));
  const inside = new Map([...blocks].filter(([, members]) => members[0]?.place === 'island'));
  const cells = arrangeCells(inside, cards, lines, new Map(Object.entries(remembered.cells)));
  const known = new Map(Object.entries(remembered.free ?? {}));
  const bodies = [...blocks].map(([name, members], index) =>
    bodyOf(name, members, index, blockOf(members, cells, name), known.get(name)),
  );
  settle(bodies, bonds(cards, lines));

  const placed = new Map<string, Rect>();
  const islands = new Map<string, Rect>();
  const free = new Map<string, Point>();
  for (const body of bodies) {
    const origin = { x: Math.round((body.x ?? 0) - body.width / 2), y: Math.round((body.y ?? 0) - body.height / 2) };
    free.set(body.name, { x: body.x ?? 0, y: body.y ?? 0 });
    const island = body.members.some(({ place, folded }) => place === 'island' && !folded);
    if (island) islands.set(body.name, { ...origin, width: body.width, height: body.height });
    for (const { id, width, height } of body.members) {
      const { row, column } = cells.get(id) ?? { row: 0, column: 0 };
      const x = island ? origin.x + ISLAND.padding + column * (CARD.width + CELL_GAP.x) : origin.x;
      const y = island ? origin.y + ISLAND.title + ISLAND.padding + row * (CARD.height + CELL_GAP.y) : origin.y;
      placed.set(id, { x, y, width, height });
    }
  }
  return {
    cards: placed,
    islands,
    bounds: boundsOf([...placed.values(), ...islands.values()]),
    places: { ...remembered, cells: Object.fromEntries(cells), free: Object.fromEntries(free) },
  };
}

interface Body extends SimulationNodeDatum {
  readonly name: string;
  readonly members: readonly LayoutCard[];
  readonly width: number;
  readonly height: number;
  readonly radius: number;
}

const blockOf = (members: readonly LayoutCard[], cells: Parameters<typeof blockSize>[1], name: string) =>
  members[0]?.place === 'island'
    ? blockSize(members, cells, name)
    : { width: members[0]?.width ?? 0, height: members[0]?.height ?? 0 };

function bodyOf(
  name: string,
  members: readonly LayoutCard[],
  index: number,
  size: { width: number; height: number },
  known: Point | undefined,
): Body {
  const radius = Math.hypot(size.width, size.height) / 2 + 24;
  // Callers begin left and names right; the rest on a spiral, so that the start has no order of its own.
  const side = members[0]?.place === 'callers' ? -1 : members[0]?.place === 'names' ? 1 : 0;
  const turn = index * 2.4;
  const start = { x: side * 2400 + Math.cos(turn) * 60 * Math.sqrt(index), y: Math.sin(turn) * 60 * Math.sqrt(index) };
  return { name, members, ...size, radius, ...(known ?? start), ...(known ? { fx: known.x, fy: known.y } : {}) };
}

function bonds(cards: readonly LayoutCard[], lines: readonly LayoutLine[]): SimulationLinkDatum<Body>[] {
  const blockOfCard = new Map(cards.map((card) => [card.id, card.place === 'island' ? card.namespace : card.id]));
  const pairs = new Map<string, { source: string; target: string }>();
  for (const line of lines) {
    const source = blockOfCard.get(line.source);
    const target = blockOfCard.get(line.target);
    if (source !== undefined && target !== undefined && source !== target)
      pairs.set(JSON.stringify([source, target]), { source, target });
  }
  return [...pairs.values()];
}

/** Runs to rest at once. d3's random numbers are seeded: the same bodies come to the same rest. */
function settle(bodies: Body[], links: SimulationLinkDatum<Body>[]): void {
  if (bodies.every(({ fx }) => fx !== undefined)) return;
  forceSimulation(bodies)
    .force(
      'link',
      forceLink<Body, SimulationLinkDatum<Body>>(links)
        .id(({ name }) => name)
        .distance(200)
        .strength(0.02),
    )
    .force('charge', forceManyBody<Body>().strength(-300))
    .force('collide', forceCollide<Body>(({ radius }) => radius).iterations(3))
    // A little wider than high, like the screens it is read on.
    .force('x', forceX<Body>(0).strength(0.05))
    .force('y', forceY<Body>(0).strength(0.09))
    .stop()
    .tick(220);
}
