import { CLEARANCE, LANE } from './measures.ts';
import type { Point, Rect } from './model.ts';

/**
 * Moves lines that run on the same track beside each other. Every straight piece of a route may move within the room that cards leave it
 * (a piece that ends at a card: within that card's side); pieces of one track that overlap get lanes, in the order in which they turn off.
 */

interface Piece {
  readonly route: string;
  readonly index: number;
  readonly vertical: boolean;
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** Room: the coordinate may lie between these. */
  readonly low: number;
  readonly high: number;
  /** Where the route comes from and goes to across this piece; orders the lanes. */
  readonly lean: number;
}

interface Ends {
  readonly source: Rect | undefined;
  readonly target: Rect | undefined;
}

export function assignLanes(
  skeletons: ReadonlyMap<string, readonly Point[]>,
  ends: ReadonlyMap<string, Ends>,
  cards: readonly Rect[],
): Map<string, Point[]> {
  const pieces = [...skeletons].flatMap(([route, points]) => piecesOf(route, points, ends.get(route), cards));
  const moved = new Map<string, number>();
  for (const track of byTrack(pieces)) {
    for (const group of overlapping(track)) {
      for (const [piece, at] of lanesOf(group)) moved.set(`${piece.route} ${piece.index}`, at);
    }
  }
  return new Map([...skeletons].map(([route, points]) => [route, rebuild(route, points, moved)]));
}

function piecesOf(route: string, points: readonly Point[], ends: Ends | undefined, cards: readonly Rect[]): Piece[] {
  const last = points.length - 2;
  return points.slice(0, -1).map((start, index) => {
    const end = points[index + 1] ?? start;
    const vertical = start.x === end.x;
    const [at, a, b] = vertical ? [start.x, start.y, end.y] : [start.y, start.x, end.x];
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const room = roomOf(vertical, at, from, to, cards);
    const own = [index === 0 ? ends?.source : undefined, index === last ? ends?.target : undefined].filter(
      (card) => card !== undefined,
    );
    for (const card of own) {
      const [low, length] = vertical ? [card.x, card.width] : [card.y, card.height];
      const inset = Math.min(14, length / 3);
      room.low = Math.max(room.low, low + inset);
      room.high = Math.min(room.high, low + length - inset);
    }
    const cross = (point: Point | undefined) => (point === undefined ? at : vertical ? point.x : point.y);
    const lean = cross(points[index - 1]) - at + (cross(points[index + 2]) - at);
    return { route, index, vertical, at, from, to, low: room.low, high: room.high, lean };
  });
}

/** How far a piece may move sideways before it touches a card that it does not already run into. */
function roomOf(vertical: boolean, at: number, from: number, to: number, cards: readonly Rect[]): { low: number; high: number } {
  let low = at - 60;
  let high = at + 60;
  for (const card of cards) {
    const [start, end, near, far] = vertical
      ? [card.y, card.y + card.height, card.x, card.x + card.width]
      : [card.x, card.x + card.width, card.y, card.y + card.height];
    if (end <= from || start >= to) continue;
    if (far <= at) low = Math.max(low, far + CLEARANCE);
    else if (near >= at) high = Math.min(high, near - CLEARANCE);
  }
  return { low: Math.min(low, at), high: Math.max(high, at) };
}

function byTrack(pieces: readonly Piece[]): Piece[][] {
  const tracks = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const key = `${piece.vertical ? 'x' : 'y'}${piece.at}`;
    const track = tracks.get(key);
    if (track) track.push(piece);
    else tracks.set(key, [piece]);
  }
  return [...tracks.values()];
}

/** Groups of pieces that overlap, directly or through others; an end at the same place counts as overlap. */
function overlapping(track: readonly Piece[]): Piece[][] {
  const groups: Piece[][] = [];
  let reach = -Infinity;
  for (const piece of track.toSorted((a, b) => a.from - b.from || a.to - b.to || (a.route < b.route ? -1 : 1))) {
    const group = groups.at(-1);
    if (group === undefined || piece.from > reach + 2) groups.push([piece]);
    else group.push(piece);
    reach = Math.max(reach, piece.to);
  }
  return groups;
}

function lanesOf(group: readonly Piece[]): [Piece, number][] {
  if (group.length === 1) return [];
  const lanes: Piece[][] = [];
  const laneOf = new Map<Piece, number>();
  // In the order in which they turn off, so that lines leave a bundle without crossing it.
  for (const piece of group.toSorted((a, b) => a.lean - b.lean || (a.route < b.route ? -1 : 1))) {
    let lane = lanes.findIndex(
      (members, index) =>
        index >= minimumLane(piece, laneOf) && members.every((other) => other.to + 2 < piece.from || other.from > piece.to + 2),
    );
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane]?.push(piece);
    laneOf.set(piece, lane);
  }
  const low = Math.max(...group.map((piece) => piece.low));
  const high = Math.min(...group.map((piece) => piece.high));
  const at = group[0]?.at ?? 0;
  const spacing = Math.min(LANE, high > low ? (high - low) / Math.max(lanes.length - 1, 1) : LANE);
  const width = spacing * (lanes.length - 1);
  const first = high > low ? Math.min(Math.max(at - width / 2, low), high - width) : at - width / 2;
  return group.map((piece) => {
    const wished = first + spacing * (laneOf.get(piece) ?? 0);
    return [piece, Math.min(Math.max(wished, piece.low), piece.high)];
  });
}

/** A piece that overlaps one placed before it lies beyond that one. */
function minimumLane(piece: Piece, laneOf: ReadonlyMap<Piece, number>): number {
  let minimum = 0;
  for (const [other, lane] of laneOf) if (other.to >= piece.from && other.from <= piece.to) minimum = Math.max(minimum, lane + 1);
  return minimum;
}

function rebuild(route: string, points: readonly Point[], moved: ReadonlyMap<string, number>): Point[] {
  const result = points.map((point) => ({ ...point }));
  points.slice(0, -1).forEach((start, index) => {
    const at = moved.get(`${route} ${index}`);
    const end = points[index + 1];
    if (at === undefined || end === undefined) return;
    const axis = start.x === end.x ? 'x' : 'y';
    for (const point of [result[index], result[index + 1]]) if (point) point[axis] = at;
  });
  return result;
}
