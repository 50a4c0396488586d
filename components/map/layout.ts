import { arrangeCells, type Cell } from './arrange-cells.ts';
import { arrangeBlocks, type Slot } from './arrange-blocks.ts';
import { CARD, CELL_GAP, FOLDED_CARD, ISLAND, ROOMY, type Spacing } from './measures.ts';
import type { Place, Point, Rect } from './model.ts';

/**
 * Places cards: islands in a grid of columns and bands, cards in a grid within their island, outside callers left, outside names right,
 * nodes and API server below. Places are remembered as cells, not pixels: what was placed once never changes its cell, and a new card
 * takes a free one. Pure and deterministic.
 */

export interface LayoutCard {
  readonly id: string;
  readonly place: Place;
  /** Island, or the folded namespace's own name. */
  readonly namespace: string;
  readonly folded: boolean;
  readonly width: number;
  readonly height: number;
}

export interface LayoutLine {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** How much it matters that this line is short; 1 is ordinary. */
  readonly weight: number;
}

/** What is remembered between visits. Plain JSON. */
export interface Places {
  /** Island or folded namespace > its slot. */
  readonly blocks: Readonly<Record<string, Slot>>;
  /** Card > its cell within its island. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Width of the corridors between columns and bands; absent before the first layout. */
  readonly corridor?: Point;
  /** Islands of a map too large for the grid, in pixels. */
  readonly free?: Readonly<Record<string, Point>>;
  /** Outside cards, in pixels along their side, for islands of this extent. */
  readonly outside: { readonly extent: string; readonly at: Readonly<Record<string, number>> };
}

export const NO_PLACES: Places = { blocks: {}, cells: {}, outside: { extent: '', at: {} } };

export interface PlacedMap {
  readonly cards: ReadonlyMap<string, Rect>;
  readonly islands: ReadonlyMap<string, Rect>;
  readonly bounds: Rect;
  readonly places: Places;
}

/** Positions for everything. `remembered` is what the layout before gave as `places`. */
export function layoutMap(
  cards: readonly LayoutCard[],
  lines: readonly LayoutLine[],
  remembered: Places = NO_PLACES,
  spacing: Spacing = ROOMY,
): PlacedMap {
  const blocks = groupBy(
    cards.filter(({ place }) => place === 'island'),
    ({ namespace }) => namespace,
  );
  const cells = arrangeCells(blocks, cards, lines, new Map(Object.entries(remembered.cells)));
  const sizes = new Map([...blocks].map(([name, members]) => [name, blockSize(members, cells, name)]));
  const slots = arrangeBlocks(sizes, cards, lines, new Map(Object.entries(remembered.blocks)), spacing);
  const corridor = remembered.corridor ?? corridorFor(cards, lines, spacing);
  const rects = blockRects(sizes, slots, corridor);

  const placed = new Map<string, Rect>();
  const islands = new Map<string, Rect>();
  for (const [name, members] of blocks) {
    const block = rects.get(name);
    if (block === undefined) continue;
    const folded = members.length === 1 && members[0]?.folded === true;
    if (!folded) islands.set(name, block);
    for (const card of members) {
      const { row, column } = cells.get(card.id) ?? { row: 0, column: 0 };
      const origin = folded ? block : { x: block.x + ISLAND.padding, y: block.y + ISLAND.title + ISLAND.padding };
      placed.set(card.id, {
        x: origin.x + column * (CARD.width + CELL_GAP.x),
        y: origin.y + row * (CARD.height + CELL_GAP.y),
        width: card.width,
        height: card.height,
      });
    }
  }
  const outside = placeOutside(cards, lines, placed, [...rects.values()], remembered.outside, spacing.outside);
  return {
    cards: placed,
    islands,
    bounds: boundsOf([...placed.values(), ...islands.values()]),
    places: { ...remembered, blocks: Object.fromEntries(slots), cells: Object.fromEntries(cells), outside, corridor },
  };
}

interface BlockSize {
  readonly width: number;
  readonly height: number;
}

/** Counts remembered cells of cards that are away, so that an island keeps its size when a card leaves for a while. */
export function blockSize(members: readonly LayoutCard[], cells: ReadonlyMap<string, Cell>, name: string): BlockSize {
  if (members.length === 1 && members[0]?.folded) return FOLDED_CARD;
  let rows = 1;
  let columns = 1;
  for (const [id, { row, column }] of cells) {
    if (!id.startsWith(`${name}/`)) continue;
    rows = Math.max(rows, row + 1);
    columns = Math.max(columns, column + 1);
  }
  return {
    width: columns * (CARD.width + CELL_GAP.x) - CELL_GAP.x + 2 * ISLAND.padding,
    height: rows * (CARD.height + CELL_GAP.y) - CELL_GAP.y + 2 * ISLAND.padding + ISLAND.title,
  };
}

/** Room for the lines between islands, decided once: a corridor that grew with each new line would move everything beyond it. */
function corridorFor(cards: readonly LayoutCard[], lines: readonly LayoutLine[], { corridor }: Spacing): Point {
  const blockOf = new Map(cards.map(({ id, place, namespace }) => [id, place === 'island' ? namespace : id]));
  const between = lines.filter(({ source, target }) => blockOf.get(source) !== blockOf.get(target)).length;
  const grown = (least: number) => Math.round(Math.min(least + between * corridor.perLine, corridor.most));
  return { x: grown(corridor.x), y: grown(corridor.y) };
}

/** Where each of `lengths` begins; empty columns take no room. */
function starts(lengths: readonly number[], gap: number): number[] {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < lengths.length; i += 1) {
    result.push(next);
    if (lengths[i] !== undefined) next += (lengths[i] ?? 0) + gap;
  }
  return result;
}

/** Column widths and band heights are those of their largest block, so that corridors run straight through. */
function blockRects(sizes: ReadonlyMap<string, BlockSize>, slots: ReadonlyMap<string, Slot>, corridor: Point): Map<string, Rect> {
  const widths: number[] = [];
  const heights: number[] = [];
  for (const [name, { width, height }] of sizes) {
    const { band, column } = slots.get(name) ?? { band: 0, column: 0 };
    widths[column] = Math.max(widths[column] ?? 0, width);
    heights[band] = Math.max(heights[band] ?? 0, height);
  }
  const x = starts(widths, corridor.x);
  const y = starts(heights, corridor.y);
  return new Map(
    [...sizes].map(([name, { width, height }]) => {
      const { band, column } = slots.get(name) ?? { band: 0, column: 0 };
      return [name, { x: x[column] ?? 0, y: y[band] ?? 0, width, height }];
    }),
  );
}

/**
 * Puts callers left, names right and the platform's own below, each near what it talks to. Positions along a side are remembered as long
 * as the islands keep their extent, so that a line that comes or goes moves nobody.
 */
function placeOutside(
  cards: readonly LayoutCard[],
  lines: readonly LayoutLine[],
  placed: Map<string, Rect>,
  blocks: readonly Rect[],
  remembered: Places['outside'],
  gap: Spacing['outside'],
): Places['outside'] {
  const inner = boundsOf(blocks);
  const extent = `${inner.width}x${inner.height}`;
  const known = new Map(remembered.extent === extent ? Object.entries(remembered.at) : []);
  const at = new Map(known);
  const along = (place: Place) => {
    const axis = place === 'platform' ? 'x' : 'y';
    const length = ({ width, height }: LayoutCard) => (axis === 'x' ? width : height);
    const side = cards.filter((card) => card.place === place);
    const start = axis === 'x' ? inner.x : inner.y + ISLAND.title + ISLAND.padding;
    const wish = (card: LayoutCard) =>
      Math.max(start, gravity(card.id, lines, placed, axis) - length(card) / 2 - (place === 'names' ? inner.height / 8 : 0));
    const settled = side.filter(({ id }) => known.has(id));
    const fresh = side.filter(({ id }) => !known.has(id)).map((card) => ({ card, length: length(card), wish: wish(card) }));
    const taken = settled.map((card) => ({ from: known.get(card.id) ?? 0, length: length(card) }));
    for (const [id, from] of spread(
      fresh.toSorted((a, b) => a.wish - b.wish || (a.card.id < b.card.id ? -1 : 1)),
      taken,
      gap.between,
    ))
      at.set(id, from);
    return side;
  };

  const callers = along('callers');
  for (const card of callers) placed.set(card.id, rectOf(card, inner.x - gap.x - card.width, at.get(card.id) ?? 0));

  // Names stand right of the islands beside them, in one column, as near as those allow.
  const names = along('names');
  const beside = (card: LayoutCard) => {
    const y = at.get(card.id) ?? 0;
    return Math.max(
      inner.x,
      ...blocks
        .filter((block) => block.y < y + card.height + 24 && block.y + block.height > y - 24)
        .map((block) => block.x + block.width),
    );
  };
  const right = Math.max(inner.x, ...names.map(beside));
  for (const card of names) placed.set(card.id, rectOf(card, right + gap.x, at.get(card.id) ?? 0));

  const platform = along('platform');
  const above = (card: LayoutCard) => {
    const x = at.get(card.id) ?? 0;
    return Math.max(
      inner.y,
      ...blocks
        .filter((block) => block.x < x + card.width + 30 && block.x + block.width > x - 30)
        .map((block) => block.y + block.height),
    );
  };
  const bottom = Math.max(inner.y, ...platform.map(above));
  for (const card of platform) placed.set(card.id, rectOf(card, at.get(card.id) ?? 0, bottom + gap.y));
  return { extent, at: Object.fromEntries(at) };
}

const rectOf = ({ width, height }: LayoutCard, x: number, y: number): Rect => ({ x, y, width, height });

/** Places along a line, near their wishes and in their order; beside what is taken already the nearest free place is used. */
function spread(
  fresh: readonly { readonly card: LayoutCard; readonly length: number; readonly wish: number }[],
  taken: readonly { readonly from: number; readonly length: number }[],
  between: number,
): [string, number][] {
  if (taken.length === 0) return packed(fresh, between);
  const used = [...taken];
  return fresh.map(({ card, length, wish }) => {
    const clear = (from: number) =>
      used.every((other) => from + length + between <= other.from || other.from + other.length + between <= from);
    const candidates = [wish, ...used.flatMap((other) => [other.from + other.length + between, other.from - length - between])];
    const from =
      candidates.filter((candidate) => clear(candidate)).toSorted((a, b) => Math.abs(a - wish) - Math.abs(b - wish))[0] ?? wish;
    used.push({ from, length });
    return [card.id, from];
  });
}

/** Neighbours that would overlap share the shift, so that a group stays centred on its wishes (pool adjacent violators). */
function packed(
  items: readonly { readonly card: LayoutCard; readonly length: number; readonly wish: number }[],
  between: number,
): [string, number][] {
  const pools: { sum: number; count: number }[] = [];
  let offset = 0;
  const offsets = items.map(({ length, wish }) => {
    const own = offset;
    offset += length + between;
    pools.push({ sum: wish - own, count: 1 });
    for (
      let last = pools.at(-1), before = pools.at(-2);
      last && before && before.sum / before.count > last.sum / last.count;
      last = pools.at(-1), before = pools.at(-2)
    ) {
      pools.pop();
      before.sum += last.sum;
      before.count += last.count;
    }
    return own;
  });
  const bases = pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  return items.map(({ card }, index) => [card.id, Math.round((bases[index] ?? 0) + (offsets[index] ?? 0))]);
}

/** Mean position of what a card talks to. */
function gravity(id: string, lines: readonly LayoutLine[], placed: ReadonlyMap<string, Rect>, axis: 'x' | 'y'): number {
  let sum = 0;
  let weight = 0;
  for (const line of lines) {
    const other = line.source === id ? line.target : line.target === id ? line.source : undefined;
    const rect = other === undefined ? undefined : placed.get(other);
    if (rect === undefined) continue;
    sum += line.weight * (axis === 'x' ? rect.x + rect.width / 2 : rect.y + rect.height / 2);
    weight += line.weight;
  }
  return weight === 0 ? 0 : sum / weight;
}

export function boundsOf(rects: readonly Rect[]): Rect {
  if (rects.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rect of rects) {
    left = Math.min(left, rect.x);
    top = Math.min(top, rect.y);
    right = Math.max(right, rect.x + rect.width);
    bottom = Math.max(bottom, rect.y + rect.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

export const centre = ({ x, y, width, height }: Rect): Point => ({ x: x + width / 2, y: y + height / 2 });

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
