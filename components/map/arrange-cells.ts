import type { LayoutCard, LayoutLine } from './layout.ts';

/** A place within an island's grid. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Columns of an island of `count` cards: one up to three cards, then as square as cards allow. */
const columnsFor = (count: number): number =>
  count <= 3 ? 1 : count <= 8 ? 2 : count <= 15 ? 3 : Math.ceil(Math.sqrt(count * 0.7));

/**
 * A cell for every card, by island. Remembered cells stay (also of cards that are away); new islands are arranged so that calls run down
 * and right and are short; a new card in a known island takes the free cell that suits it best.
 */
export function arrangeCells(
  blocks: ReadonlyMap<string, readonly LayoutCard[]>,
  cards: readonly LayoutCard[],
  lines: readonly LayoutLine[],
  remembered: ReadonlyMap<string, Cell>,
): Map<string, Cell> {
  const cells = new Map(remembered);
  const byId = new Map(cards.map((card) => [card.id, card]));
  const byCard = linesByCard(lines);
  for (const [name, members] of blocks) {
    if (members.every(({ folded }) => folded)) {
      for (const { id } of members) cells.set(id, { row: 0, column: 0 });
      continue;
    }
    const known = [...remembered].filter(([id]) => id.startsWith(`${name}/`));
    const cost = (id: string, cell: Cell, at: ReadonlyMap<string, Cell>) =>
      cellCost(id, cell, at, byCard.get(id) ?? [], byId, name);
    if (known.length === 0) {
      for (const [id, cell] of arrangeIsland(inOrderOfCalls(members, lines), cost)) cells.set(id, cell);
      continue;
    }
    const columns = Math.max(...known.map(([, { column }]) => column)) + 1;
    for (const { id } of members) {
      if (cells.has(id)) continue;
      const best = freeCells(cells, name, columns).toSorted((a, b) => cost(id, a, cells) - cost(id, b, cells))[0];
      cells.set(id, best ?? { row: 0, column: 0 });
    }
  }
  return cells;
}

/** Breadth first from the cards that no other card of the island calls; cards without calls in the island come last. */
function inOrderOfCalls(members: readonly LayoutCard[], lines: readonly LayoutLine[]): LayoutCard[] {
  const ids = new Set(members.map(({ id }) => id));
  const inside = lines.filter(
    ({ source, target, weight }) => source !== target && weight >= 1 && ids.has(source) && ids.has(target),
  );
  const called = new Set(inside.map(({ target }) => target));
  const rank = new Map(inside.filter(({ source }) => !called.has(source)).map(({ source }) => [source, 0]));
  for (let pass = 0, changed = true; changed && pass < members.length; pass += 1) {
    changed = false;
    for (const { source, target } of inside) {
      const next = (rank.get(source) ?? Infinity) + 1;
      if (next >= (rank.get(target) ?? Infinity)) continue;
      rank.set(target, next);
      changed = true;
    }
  }
  const last = members.length;
  return members.toSorted((a, b) => (rank.get(a.id) ?? last) - (rank.get(b.id) ?? last) || (a.id < b.id ? -1 : 1));
}

type CellCost = (id: string, cell: Cell, at: ReadonlyMap<string, Cell>) => number;

/** Hill climbing from the order in which calls run: swaps two cells while that shortens the calls. */
function arrangeIsland(members: readonly LayoutCard[], cost: CellCost): Map<string, Cell> {
  const columns = columnsFor(members.length);
  const rows = Math.ceil(members.length / columns);
  const grid: (string | undefined)[] = Array.from({ length: rows * columns }, (_, i) => members[i]?.id);
  const cellAt = (index: number): Cell => ({ row: Math.floor(index / columns), column: index % columns });
  const at = new Map<string, Cell>();
  grid.forEach((id, index) => id !== undefined && at.set(id, cellAt(index)));
  const costOf = (...ids: (string | undefined)[]) =>
    ids.reduce((sum, id) => sum + (id === undefined ? 0 : cost(id, at.get(id) ?? cellAt(0), at)), 0);
  const put = (index: number, id: string | undefined) => {
    grid[index] = id;
    if (id !== undefined) at.set(id, cellAt(index));
  };
  for (let pass = 0; pass < (members.length > 60 ? 2 : 8); pass += 1) {
    let improved = false;
    for (let i = 0; i < grid.length; i += 1) {
      for (let j = i + 1; j < grid.length; j += 1) {
        const [a, b] = [grid[i], grid[j]];
        if (a === undefined && b === undefined) continue;
        const before = costOf(a, b);
        put(i, b);
        put(j, a);
        if (costOf(a, b) < before - 1e-9) improved = true;
        else {
          put(i, a);
          put(j, b);
        }
      }
    }
    if (!improved) break;
  }
  return at;
}

/** Distance to everything a card talks to; upward and leftward calls cost more, and so does standing far from the side one talks to. */
function cellCost(
  id: string,
  { row, column }: Cell,
  at: ReadonlyMap<string, Cell>,
  lines: readonly LayoutLine[],
  cards: ReadonlyMap<string, LayoutCard>,
  namespace: string,
): number {
  let cost = row * 0.02 + column * 0.01;
  for (const { source, target, weight } of lines) {
    if (source === target) continue;
    const outgoing = source === id;
    const other = cards.get(outgoing ? target : source);
    if (other === undefined) continue;
    if (other.place === 'callers') cost += weight * (row * 0.7 + column * 0.5);
    else if (other.place === 'names') cost += weight * (row * 0.5 - column * 0.3);
    else if (other.place === 'platform') cost -= weight * row * 0.4;
    else if (other.namespace !== namespace)
      cost += weight * (outgoing ? -0.1 : 0.1) * column + weight * row * (outgoing ? 0.05 : 0.1);
    else {
      const cell = at.get(other.id);
      if (cell === undefined) continue;
      const down = outgoing ? cell.row - row : row - cell.row;
      const right = outgoing ? cell.column - column : column - cell.column;
      const bend = down !== 0 && right !== 0 ? 0.6 : 0;
      const jump =
        Math.max(Math.abs(down) - 1, 0) * (right === 0 ? 0.8 : 0.3) + Math.max(Math.abs(right) - 1, 0) * (down === 0 ? 0.8 : 0.3);
      cost += weight * (Math.abs(down) + Math.abs(right) + bend + jump + (down < 0 ? 0.9 : 0) + (right < 0 ? 0.5 : 0));
    }
  }
  return cost;
}

/** Free cells within the island's rows, and those of one row more when it is full. */
function freeCells(cells: ReadonlyMap<string, Cell>, name: string, columns: number): Cell[] {
  const taken = new Set<string>();
  let rows = 0;
  for (const [id, { row, column }] of cells) {
    if (!id.startsWith(`${name}/`)) continue;
    taken.add(`${row} ${column}`);
    rows = Math.max(rows, row + 1);
  }
  const free = (from: number, to: number) => {
    const result: Cell[] = [];
    for (let row = from; row < to; row += 1)
      for (let column = 0; column < columns; column += 1) if (!taken.has(`${row} ${column}`)) result.push({ row, column });
    return result;
  };
  const inside = free(0, rows);
  return inside.length > 0 ? inside : free(rows, rows + 1);
}

export function linesByCard(lines: readonly LayoutLine[]): Map<string, LayoutLine[]> {
  const result = new Map<string, LayoutLine[]>();
  const add = (id: string, line: LayoutLine) => {
    const list = result.get(id);
    if (list) list.push(line);
    else result.set(id, [line]);
  };
  for (const line of lines) {
    add(line.source, line);
    if (line.target !== line.source) add(line.target, line);
  }
  return result;
}
