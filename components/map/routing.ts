import { Heap } from './heap.ts';
import { assignLanes } from './lanes.ts';
import { boundsOf, centre } from './layout.ts';
import { CLEARANCE } from './measures.ts';
import type { Point, Rect } from './model.ts';

/**
 * Routes lines through the gaps between cards and the corridors between islands, never under a card.
 * A sparse grid of tracks (middles of gaps, centres of cards) is searched by A*; lines that share a track get lanes beside each other.
 */

export interface RouteRequest {
  readonly id: string;
  readonly source: string;
  readonly target: string;
}

/** A route is a polyline of horizontal and vertical pieces from border to border; a line to itself is a loop at the card's corner. */
export type Routes = ReadonlyMap<string, readonly Point[]>;

const BEND_COST = 46;
const CROWD_COST = 14;
/** Leaving or reaching through top or bottom a card that stands at the side of the map. */
const SIDE_COST = 110;
/** Running through an island that is none of the line's own costs this much more per pixel. */
const FOREIGN_ISLAND = 0.7;

/** `atSides`: cards left and right of the islands, whose lines leave and arrive sideways where they can. */
export function routeLines(
  requests: readonly RouteRequest[],
  cards: ReadonlyMap<string, Rect>,
  islands: ReadonlyMap<string, Rect>,
  atSides: ReadonlySet<string> = new Set(),
): Routes {
  const grid = new Grid([...cards.values()], [...islands.values()]);
  const skeletons = new Map<string, readonly Point[]>();
  const loops = new Map<string, readonly Point[]>();
  // Short lines first: they have the least choice.
  const far = ({ source, target }: RouteRequest) => {
    const [a, b] = [cards.get(source), cards.get(target)];
    return a && b ? Math.abs(centre(a).x - centre(b).x) + Math.abs(centre(a).y - centre(b).y) : 0;
  };
  for (const request of requests.toSorted((a, b) => far(a) - far(b) || (a.id < b.id ? -1 : 1))) {
    const source = cards.get(request.source);
    const target = cards.get(request.target);
    if (source === undefined || target === undefined) continue;
    if (request.source === request.target) {
      loops.set(request.id, loop(source));
      continue;
    }
    const path = grid.find(source, target, atSides.has(request.source), atSides.has(request.target));
    skeletons.set(request.id, path);
  }
  const ends = new Map(requests.map(({ id, source, target }) => [id, { source: cards.get(source), target: cards.get(target) }]));
  const routes = assignLanes(skeletons, ends, [...cards.values()]);
  return new Map([...routes, ...loops]);
}

/** A small loop at the lower right corner. */
function loop({ x, y, width, height }: Rect): Point[] {
  const right = x + width;
  const bottom = y + height;
  return [
    { x: right, y: bottom - 16 },
    { x: right + 20, y: bottom - 16 },
    { x: right + 20, y: bottom + 18 },
    { x: right - 22, y: bottom + 18 },
    { x: right - 22, y: bottom },
  ];
}

class Grid {
  private readonly xs: number[];
  private readonly ys: number[];
  /** Whether the piece from a crossing to the next one (right, down) runs under a card; by index of the crossing. */
  private readonly blockedRight: Int32Array;
  private readonly blockedDown: Int32Array;
  private readonly foreignRight: Int32Array;
  private readonly foreignDown: Int32Array;
  private readonly usedRight: Uint16Array;
  private readonly usedDown: Uint16Array;
  private readonly cards: readonly Rect[];
  private readonly islands: readonly Rect[];

  constructor(cards: readonly Rect[], islands: readonly Rect[]) {
    this.cards = cards;
    this.islands = islands;
    ({ xs: this.xs, ys: this.ys } = tracks(cards, islands));
    const size = this.xs.length * this.ys.length;
    this.blockedRight = new Int32Array(size).fill(-1);
    this.blockedDown = new Int32Array(size).fill(-1);
    this.foreignRight = new Int32Array(size).fill(-1);
    this.foreignDown = new Int32Array(size).fill(-1);
    this.usedRight = new Uint16Array(size);
    this.usedDown = new Uint16Array(size);
    cards.forEach((card, index) => this.block(card, index));
    islands.forEach((island, index) => this.note(island, index));
  }

  /** The cheapest way from one card's centre to another's, clipped at their borders; never under a third card. */
  find(source: Rect, target: Rect, leavesSideways: boolean, arrivesSideways: boolean): Point[] {
    const columns = this.xs.length;
    const start = this.crossing(centre(source));
    const goal = this.crossing(centre(target));
    const own = new Set([this.cards.indexOf(source), this.cards.indexOf(target)]);
    const home = new Set(
      this.islands.flatMap((island, index) =>
        contains(island, centre(source)) || contains(island, centre(target)) ? [index] : [],
      ),
    );
    // A state is a crossing and the direction in which it was reached: 0 right, 1 down, 2 left, 3 up, 4 at the start.
    const best = new Map<number, number>();
    const cameFrom = new Map<number, number>();
    const heap = new Heap();
    const goalPoint = { x: this.xs[goal % columns] ?? 0, y: this.ys[Math.floor(goal / columns)] ?? 0 };
    best.set(start * 5 + 4, 0);
    heap.push(start * 5 + 4, 0);
    for (let state = heap.pop(); state !== undefined; state = heap.pop()) {
      const at = Math.floor(state / 5);
      const direction = state % 5;
      if (at === goal) return this.trace(cameFrom, state, source, target);
      const soFar = best.get(state) ?? 0;
      const x = at % columns;
      const y = Math.floor(at / columns);
      const here = { x: this.xs[x] ?? 0, y: this.ys[y] ?? 0 };
      const mayTurn = direction === 4 || !(contains(source, here, CLEARANCE) || contains(target, here, CLEARANCE));
      for (let turn = 0; turn < 4; turn += 1) {
        if (direction !== 4 && (turn + 2) % 4 === direction) continue;
        if (turn !== direction && !mayTurn) continue;
        const nx = x + (turn === 0 ? 1 : turn === 2 ? -1 : 0);
        const ny = y + (turn === 1 ? 1 : turn === 3 ? -1 : 0);
        if (nx < 0 || ny < 0 || nx >= columns || ny >= this.ys.length) continue;
        const to = ny * columns + nx;
        const piece = turn === 0 || turn === 1 ? at : to;
        const horizontal = turn === 0 || turn === 2;
        const blocker = (horizontal ? this.blockedRight : this.blockedDown)[piece] ?? -1;
        if (blocker >= 0 && !own.has(blocker)) continue;
        if (blocker === -2) continue;
        const length = Math.abs((this.xs[nx] ?? 0) - here.x) + Math.abs((this.ys[ny] ?? 0) - here.y);
        const island = (horizontal ? this.foreignRight : this.foreignDown)[piece] ?? -1;
        const foreign = island >= 0 && !home.has(island) ? length * FOREIGN_ISLAND : 0;
        const crowd = ((horizontal ? this.usedRight : this.usedDown)[piece] ?? 0) * CROWD_COST * Math.min(length / 60, 1);
        const bend = direction === 4 || turn === direction ? 0 : BEND_COST;
        const atEnd = (direction === 4 && leavesSideways) || (to === goal && arrivesSideways);
        const cost = soFar + length + foreign + crowd + bend + (atEnd && !horizontal ? SIDE_COST : 0);
        const arrival = to * 5 + turn;
        if (cost >= (best.get(arrival) ?? Infinity)) continue;
        best.set(arrival, cost);
        cameFrom.set(arrival, state);
        const rest = Math.abs((this.xs[nx] ?? 0) - goalPoint.x) + Math.abs((this.ys[ny] ?? 0) - goalPoint.y);
        heap.push(arrival, cost + rest);
      }
    }
    // Cards that overlap leave no way through: better a straight line than none.
    return [centre(source), { x: centre(source).x, y: centre(target).y }, centre(target)];
  }

  private trace(cameFrom: ReadonlyMap<number, number>, last: number, source: Rect, target: Rect): Point[] {
    const columns = this.xs.length;
    const points: Point[] = [];
    for (let state: number | undefined = last; state !== undefined; state = cameFrom.get(state)) {
      const at = Math.floor(state / 5);
      points.push({ x: this.xs[at % columns] ?? 0, y: this.ys[Math.floor(at / columns)] ?? 0 });
      const before = cameFrom.get(state);
      if (before !== undefined) this.use(Math.floor(before / 5), at);
    }
    return clip(simplify(points.toReversed()), source, target);
  }

  private use(from: number, to: number): void {
    const piece = Math.min(from, to);
    const used = Math.abs(from - to) === 1 ? this.usedRight : this.usedDown;
    used[piece] = (used[piece] ?? 0) + 1;
  }

  private crossing({ x, y }: Point): number {
    return nearest(this.ys, y) * this.xs.length + nearest(this.xs, x);
  }

  /** Marks the pieces under `card`; -2 where two cards cover the same piece. */
  private block(card: Rect, index: number): void {
    const set = (pieces: Int32Array, at: number) => {
      pieces[at] = pieces[at] === -1 || pieces[at] === index ? index : -2;
    };
    this.pieces(
      card,
      CLEARANCE,
      (at) => set(this.blockedRight, at),
      (at) => set(this.blockedDown, at),
    );
  }

  private note(island: Rect, index: number): void {
    this.pieces(
      island,
      0,
      (at) => (this.foreignRight[at] = index),
      (at) => (this.foreignDown[at] = index),
    );
  }

  private pieces({ x, y, width, height }: Rect, margin: number, right: (at: number) => void, down: (at: number) => void): void {
    const [left, top, end, bottom] = [x - margin, y - margin, x + width + margin, y + height + margin];
    const columns = this.xs.length;
    for (let row = 0; row < this.ys.length; row += 1) {
      const cy = this.ys[row] ?? 0;
      const below = this.ys[row + 1] ?? cy;
      for (let column = 0; column < columns; column += 1) {
        const cx = this.xs[column] ?? 0;
        const beyond = this.xs[column + 1] ?? cx;
        if (cy > top && cy < bottom && cx < end && beyond > left) right(row * columns + column);
        if (cx > left && cx < end && cy < bottom && below > top) down(row * columns + column);
      }
    }
  }
}

/** Where lines may run: through the centres of cards, in the middle of the gaps beside them, in the corridors around islands. */
function tracks(cards: readonly Rect[], islands: readonly Rect[]): { xs: number[]; ys: number[] } {
  const xs: number[] = [];
  const ys: number[] = [];
  const gaps = { xs: [] as number[], ys: [] as number[] };
  for (const card of cards) {
    xs.push(card.x + card.width / 2);
    ys.push(card.y + card.height / 2);
  }
  for (const island of islands) {
    gaps.xs.push(island.x - 18, island.x + island.width + 18, island.x - 42, island.x + island.width + 42);
    gaps.ys.push(island.y - 20, island.y + island.height + 20, island.y - 52, island.y + island.height + 52);
  }
  for (const card of cards) {
    const island = islands.find((rect) => contains(rect, centre(card)));
    const near = (edge: number, wall: number, gap: number) =>
      Math.abs(edge - wall) < gap ? wall + Math.sign(wall - edge) * 18 : edge + Math.sign(wall - edge) * (gap / 2);
    gaps.xs.push(
      near(card.x, island?.x ?? -Infinity, 44),
      near(card.x + card.width, island === undefined ? Infinity : island.x + island.width, 44),
    );
    gaps.ys.push(
      near(card.y, island?.y ?? -Infinity, 54),
      near(card.y + card.height, island === undefined ? Infinity : island.y + island.height, 54),
    );
  }
  const all = boundsOf(cards);
  gaps.xs.push(all.x - 24, all.x + all.width + 24);
  gaps.ys.push(all.y - 24, all.y + all.height + 24);
  return { xs: distinct(xs, gaps.xs), ys: distinct(ys, gaps.ys) };
}

/** Centres are kept exactly. Of gap tracks nearer than 14 pixels the first is enough: it lies within the gap of the other, too. */
function distinct(centres: readonly number[], gaps: readonly number[]): number[] {
  const kept = [...new Set(centres.map((value) => Math.round(value * 2) / 2))].toSorted((a, b) => a - b);
  const result = [...kept];
  for (const gap of new Set(gaps)) {
    if (!Number.isFinite(gap)) continue;
    if (
      kept.every((value) => Math.abs(value - gap) >= 8) &&
      result.slice(kept.length).every((value) => Math.abs(value - gap) >= 14)
    )
      result.push(gap);
  }
  return result.toSorted((a, b) => a - b);
}

function nearest(sorted: readonly number[], value: number): number {
  let best = 0;
  sorted.forEach((candidate, index) => {
    if (Math.abs(candidate - value) < Math.abs((sorted[best] ?? Infinity) - value)) best = index;
  });
  return best;
}

const contains = ({ x, y, width, height }: Rect, point: Point, margin = 0): boolean =>
  point.x > x - margin && point.x < x + width + margin && point.y > y - margin && point.y < y + height + margin;

/** Without points in the middle of straight pieces. */
export function simplify(points: readonly Point[]): Point[] {
  return points.filter((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (before === undefined || after === undefined) return true;
    return !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y));
  });
}

/** The first and last point moved from the centres to the borders. */
function clip(points: Point[], source: Rect, target: Rect): Point[] {
  const [first, second] = points;
  const [last, beforeLast] = points.toReversed();
  if (!first || !second || !last || !beforeLast) return points;
  const clipped = [...points];
  clipped[0] = border(source, second);
  clipped[clipped.length - 1] = border(target, beforeLast);
  return clipped;
}

/** Where a straight line from the centre of `rect` towards `point` (same row or column) leaves it. */
function border(rect: Rect, point: Point): Point {
  const middle = { x: Math.round((rect.x + rect.width / 2) * 2) / 2, y: Math.round((rect.y + rect.height / 2) * 2) / 2 };
  if (Math.abs(point.x - middle.x) < Math.abs(point.y - middle.y))
    return { x: point.x, y: point.y < middle.y ? rect.y : rect.y + rect.height };
  return { x: point.x < middle.x ? rect.x : rect.x + rect.width, y: point.y };
}
