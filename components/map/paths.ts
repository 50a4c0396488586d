import type { Point, Rect } from './model.ts';

/** Geometry of routes: smooth SVG paths, parallel lines, the place of the mark at the middle. */

const RADIUS = 18;

/** An SVG path along `points` with rounded corners. */
export function roundedPath(points: readonly Point[], radius = RADIUS): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const parts = [`M${fixed(first.x)} ${fixed(first.y)}`];
  rest.forEach((point, index) => {
    const before = points[index] ?? point;
    const after = points[index + 2];
    if (after === undefined) {
      parts.push(`L${fixed(point.x)} ${fixed(point.y)}`);
      return;
    }
    const room = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
    const enter = towards(point, before, room);
    const leave = towards(point, after, room);
    parts.push(`L${fixed(enter.x)} ${fixed(enter.y)}Q${fixed(point.x)} ${fixed(point.y)} ${fixed(leave.x)} ${fixed(leave.y)}`);
  });
  return parts.join('');
}

/** The polyline moved sideways by `offset` pixels, to its right when positive. Pieces are horizontal or vertical. */
export function parallel(points: readonly Point[], offset: number): Point[] {
  return points.map((point, index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    let { x, y } = point;
    for (const [a, b] of [
      [before, point],
      [point, after],
    ] as const) {
      if (a === undefined || b === undefined) continue;
      if (a.x === b.x && a.y !== b.y) x = point.x - Math.sign(b.y - a.y) * offset;
      else if (a.y === b.y && a.x !== b.x) y = point.y + Math.sign(b.x - a.x) * offset;
    }
    return { x, y };
  });
}

/** The open arrow head at the end of a route, as a path. */
export function arrowHead(points: readonly Point[], size = 5): string {
  const end = points.at(-1);
  const before = points.at(-2);
  if (!end || !before) return '';
  const length = distance(before, end) || 1;
  const [ux, uy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const wing = (side: 1 | -1) =>
    `${fixed(end.x - ux * size * 1.3 - uy * size * side)} ${fixed(end.y - uy * size * 1.3 + ux * size * side)}`;
  return `M${wing(1)}L${fixed(end.x)} ${fixed(end.y)}L${wing(-1)}`;
}

/** Ends a little before the card it points at, so that the head does not touch its border. */
export function shortened(points: readonly Point[], by = 3): Point[] {
  const end = points.at(-1);
  const before = points.at(-2);
  if (!end || !before || distance(before, end) <= by) return [...points];
  return [...points.slice(0, -1), towards(end, before, by)];
}

/**
 * Where a mark of the given size goes: the middle of the longest piece, or a place beside it on the route where it meets no mark that
 * was set before and no card. Undefined when there is none.
 */
export function markPlace(
  points: readonly Point[],
  size: { width: number; height: number },
  taken: readonly Rect[],
): Point | undefined {
  const pieces = points
    .slice(0, -1)
    .map((start, index) => ({ start, end: points[index + 1] ?? start }))
    .toSorted((a, b) => distance(b.start, b.end) - distance(a.start, a.end));
  const along = (piece: { start: Point; end: Point }, t: number): Point => ({
    x: piece.start.x + (piece.end.x - piece.start.x) * t,
    y: piece.start.y + (piece.end.y - piece.start.y) * t,
  });
  for (const piece of pieces.slice(0, 3)) {
    for (const t of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88]) {
      const place = along(piece, t);
      const rect = around(place, size);
      if (taken.every((other) => !overlaps(rect, other))) return place;
    }
  }
  return undefined;
}

/** The middle of the longest piece. */
export function middleOf(points: readonly Point[]): Point {
  let best = { x: 0, y: 0, length: -1 };
  points.slice(0, -1).forEach((start, index) => {
    const end = points[index + 1] ?? start;
    const length = distance(start, end);
    if (length > best.length) best = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2, length };
  });
  return { x: best.x, y: best.y };
}

export const around = ({ x, y }: Point, { width, height }: { width: number; height: number }): Rect => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

export const overlaps = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

const fixed = (value: number): number => Math.round(value * 10) / 10;
