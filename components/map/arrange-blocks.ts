import type { LayoutCard, LayoutLine } from './layout.ts';
import { ROOMY, type Spacing } from './measures.ts';

/** Where an island or a folded namespace stands in the grid of the map. */
export interface Slot {
  readonly band: number;
  readonly column: number;
}

type Sizes = ReadonlyMap<string, { readonly width: number; readonly height: number }>;

interface Extent {
  readonly bands: number;
  readonly columns: number;
}

interface Pull {
  readonly source: string;
  readonly target: string;
  weight: number;
}

/**
 * A slot for every block. Remembered slots stay; a first arrangement climbs from the order of calls to the grid in which calls run to
 * the right and are short, callers' targets stand left, what calls names stands right, what needs the platform stands low.
 */
export function arrangeBlocks(
  sizes: Sizes,
  cards: readonly LayoutCard[],
  lines: readonly LayoutLine[],
  remembered: ReadonlyMap<string, Slot>,
  spacing: Spacing = ROOMY,
): Map<string, Slot> {
  const names = [...sizes.keys()];
  const pulls = pullsOf(cards, lines);
  const slots = new Map(remembered);
  const fresh = names.filter((name) => !slots.has(name));
  if (fresh.length === 0) return slots;
  if (fresh.length < names.length) {
    for (const name of fresh) slots.set(name, bestFreeSlot(name, slots, pulls));
    return slots;
  }
  return climb(inOrderOfCalls(names, pulls), sizes, pulls, spacing);
}

const SIDES = new Set(['@left', '@right', '@below']);

/** Lines between blocks, summed; outside cards stand for their side. */
function pullsOf(cards: readonly LayoutCard[], lines: readonly LayoutLine[]): Pull[] {
  const side = { callers: '@left', names: '@right', platform: '@below' } as const;
  const blockOf = new Map(cards.map((card) => [card.id, card.place === 'island' ? card.namespace : side[card.place]]));
  const pulls = new Map<string, Pull>();
  for (const line of lines) {
    const source = blockOf.get(line.source);
    const target = blockOf.get(line.target);
    if (source === undefined || target === undefined || source === target) continue;
    const key = JSON.stringify([source, target]);
    const pull = pulls.get(key);
    if (pull) pull.weight += line.weight;
    else pulls.set(key, { source, target, weight: line.weight });
  }
  return [...pulls.values()];
}

/** Breadth first from the outside callers; what they never reach comes last, the busiest first. */
function inOrderOfCalls(names: readonly string[], pulls: readonly Pull[]): string[] {
  const rank = new Map([['@left', 0]]);
  for (let changed = true; changed;) {
    changed = false;
    for (const { source, target, weight } of pulls) {
      const next = rank.get(source);
      if (next === undefined || weight < 1 || SIDES.has(target)) continue;
      if ((rank.get(target) ?? Infinity) > next + 1) {
        rank.set(target, next + 1);
        changed = true;
      }
    }
  }
  const traffic = (name: string) =>
    pulls.reduce((sum, { source, target, weight }) => sum + (source === name || target === name ? weight : 0), 0);
  return names.toSorted((a, b) => (rank.get(a) ?? 99) - (rank.get(b) ?? 99) || traffic(b) - traffic(a) || (a < b ? -1 : 1));
}

function climb(names: readonly string[], sizes: Sizes, pulls: readonly Pull[], spacing: Spacing): Map<string, Slot> {
  const columns = columnsFor(names.length, sizes, spacing);
  const bands = Math.ceil(names.length / columns);
  const extent = { bands, columns };
  const grid: (string | undefined)[] = Array.from({ length: bands * columns }, (_, index) => names[index]);
  const slots = new Map<string, Slot>();
  const put = (index: number, name: string | undefined) => {
    grid[index] = name;
    if (name !== undefined) slots.set(name, { band: Math.floor(index / columns), column: index % columns });
  };
  grid.forEach((name, index) => put(index, name));
  const own = pullsByBlock(names, pulls);
  // Blocks of one size waste no room wherever they stand: then only the calls of the two that swap matter.
  const [first] = sizes.values();
  const alike = [...sizes.values()].every(({ width, height }) => width === first?.width && height === first.height);
  const hasNames = pulls.some(({ target }) => target === '@right');
  const cost = (...swapped: (string | undefined)[]) => {
    let sum = alike ? 0 : roomCost(slots, sizes);
    // A call between the two that swap is counted twice, before and after alike.
    for (const name of swapped)
      for (const pull of (name !== undefined && own.get(name)) || []) sum += pullCost(pull, slots, extent);
    for (const name of swapped) sum += name === undefined ? 0 : placeCost(slots.get(name), extent, hasNames);
    return sum;
  };
  for (let pass = 0; pass < (names.length > 40 ? 3 : 6); pass += 1) {
    let improved = false;
    for (let i = 0; i < grid.length; i += 1) {
      for (let j = i + 1; j < grid.length; j += 1) {
        const [a, b] = [grid[i], grid[j]];
        if (a === undefined && b === undefined) continue;
        const before = cost(a, b);
        put(i, b);
        put(j, a);
        if (cost(a, b) < before - 1e-9) improved = true;
        else {
          put(i, a);
          put(j, b);
        }
      }
    }
    if (!improved) break;
  }
  return slots;
}

function pullsByBlock(names: readonly string[], pulls: readonly Pull[]): Map<string, Pull[]> {
  const own = new Map<string, Pull[]>(names.map((name) => [name, []]));
  for (const pull of pulls) {
    own.get(pull.source)?.push(pull);
    own.get(pull.target)?.push(pull);
  }
  return own;
}

function columnsFor(count: number, sizes: Sizes, spacing: Spacing): number {
  const total = [...sizes.values()].reduce(
    (sum, { width, height }) => ({ width: sum.width + width, height: sum.height + height }),
    { width: 0, height: 0 },
  );
  const mean = { width: total.width / count + spacing.corridor.x, height: total.height / count + spacing.corridor.y };
  let best = 1;
  let bestError = Infinity;
  for (let columns = 1; columns <= Math.min(count, 24); columns += 1) {
    // Callers and names take some 240 pixels beside the islands, the platform some 100 below.
    const aspect = (columns * mean.width + 240) / (Math.ceil(count / columns) * mean.height + 100);
    const error = Math.abs(Math.log(aspect / spacing.aspect));
    if (error < bestError) {
      best = columns;
      bestError = error;
    }
  }
  return best;
}

/** The room taken by columns and bands: blocks of unlike size in one of them waste it. */
function roomCost(slots: ReadonlyMap<string, Slot>, sizes: Sizes): number {
  const widths = new Map<number, number>();
  const heights = new Map<number, number>();
  for (const [name, { band, column }] of slots) {
    const size = sizes.get(name);
    if (size === undefined) continue;
    widths.set(column, Math.max(widths.get(column) ?? 0, size.width));
    heights.set(band, Math.max(heights.get(band) ?? 0, size.height));
  }
  const sum = (lengths: Iterable<number>) => [...lengths].reduce((total, length) => total + length, 0);
  return (sum(widths.values()) + sum(heights.values())) / 300;
}

/** A slight pull to the start; the upper right is best left to the outside names, which stand beside the first band. */
function placeCost(slot: Slot | undefined, extent: Extent, hasNames: boolean): number {
  if (slot === undefined) return 0;
  const besideNames = hasNames && slot.band === 0 && slot.column === extent.columns - 1 && extent.columns > 1;
  return slot.band * 0.02 + slot.column * 0.01 + (besideNames ? 1.5 : 0);
}

function pullCost({ source, target, weight }: Pull, slots: ReadonlyMap<string, Slot>, extent: Extent): number {
  const from = slots.get(source);
  const to = slots.get(target);
  if (from && to) {
    const right = to.column - from.column;
    const down = to.band - from.band;
    return weight * (Math.abs(right) + Math.abs(down) * 1.1 + (right < 0 ? 0.7 : 0) + (right !== 0 && down !== 0 ? 0.3 : 0));
  }
  const block = from ?? to;
  const side = from ? target : source;
  if (block === undefined) return 0;
  if (side === '@left') return weight * (block.column * 1.3 + block.band * 0.4);
  if (side === '@right') return weight * ((extent.columns - 1 - block.column) * 0.6 + block.band * 0.4);
  return weight * (extent.bands - 1 - block.band) * 0.8;
}

/** A new block joins where it costs least: a free slot of the grid as it is, or one of a new band below. */
function bestFreeSlot(name: string, slots: ReadonlyMap<string, Slot>, pulls: readonly Pull[]): Slot {
  const columns = Math.max(...[...slots.values()].map(({ column }) => column)) + 1;
  const bands = Math.max(...[...slots.values()].map(({ band }) => band)) + 1;
  const taken = new Set([...slots.values()].map(({ band, column }) => `${band} ${column}`));
  const own = pulls.filter(({ source, target }) => source === name || target === name);
  const free: Slot[] = [];
  for (let band = 0; band <= bands; band += 1)
    for (let column = 0; column < columns; column += 1)
      if (!taken.has(`${band} ${column}`) && (band < bands || free.length === 0)) free.push({ band, column });
  const cost = (slot: Slot) => {
    const at = new Map(slots).set(name, slot);
    return own.reduce((sum, pull) => sum + pullCost(pull, at, { bands, columns }), slot.band * 0.02 + slot.column * 0.01);
  };
  return free.toSorted((a, b) => cost(a) - cost(b))[0] ?? { band: bands, column: 0 };
}
