import { centre, type PlacedMap } from './layout.ts';
import type { Line, Point, Rect } from './model.ts';

/**
 * Lines of the large map: from card to card without a route, slightly bent to the right of their direction, so that calls there and back are
 * two lines. Quadratic curves in world coordinates; what is painted is what is hit.
 */
export interface Curve {
  readonly from: Point;
  readonly bend: Point;
  readonly to: Point;
}

/** Sideways, as a share of the length. */
const BEND = 0.08;

/** Undefined while one of the cards has no place. */
export function curveOf({ source, target }: Pick<Line, 'source' | 'target'>, layout: PlacedMap): Curve | undefined {
  const [a, b] = [layout.cards.get(source), layout.cards.get(target)];
  if (!a || !b) return undefined;
  const from = borderTowards(a, centre(b));
  const to = borderTowards(b, centre(a));
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return { from, to, bend: { x: (from.x + to.x) / 2 - dy * BEND, y: (from.y + to.y) / 2 + dx * BEND } };
}

/** A rectangle around the curve: its ends and bend span it. */
export function spanOf({ from, bend, to }: Curve): Rect {
  const [x, y] = [Math.min(from.x, bend.x, to.x), Math.min(from.y, bend.y, to.y)];
  return { x, y, width: Math.max(from.x, bend.x, to.x) - x + 1, height: Math.max(from.y, bend.y, to.y) - y + 1 };
}

/** The point at `t`, 0 at the caller and 1 at the callee. */
export function pointAt({ from, bend, to }: Curve, t: number): Point {
  const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
  return { x: a * from.x + b * bend.x + c * to.x, y: a * from.y + b * bend.y + c * to.y };
}

/** Finds the line under a pointer among thousands. */
export interface LineHits {
  /** The nearest line within `reach` of `point`, both in world coordinates. */
  readonly at: (point: Point, reach: number) => string | undefined;
}

/**
 * Ends, bend and span of each line lie in one array, so that most are put aside by four comparisons: no index is needed for ten thousand.
 */
export function lineHits(lines: readonly Line[], layout: PlacedMap): LineHits {
  const found = lines.flatMap((line) => {
    const curve = curveOf(line, layout);
    return curve === undefined ? [] : [{ id: line.id, curve, span: spanOf(curve) }];
  });
  const spans = Float64Array.from(found.flatMap(({ span }) => [span.x, span.y, span.x + span.width, span.y + span.height]));
  return {
    at: ({ x, y }, reach) => {
      let best: { id: string; distance: number } | undefined;
      for (const [index, { id, curve }] of found.entries()) {
        const at = index * 4;
        if (x < (spans[at] ?? 0) - reach || y < (spans[at + 1] ?? 0) - reach) continue;
        if (x > (spans[at + 2] ?? 0) + reach || y > (spans[at + 3] ?? 0) + reach) continue;
        const distance = distanceTo(curve, { x, y });
        if (distance <= reach && (best === undefined || distance < best.distance)) best = { id, distance };
      }
      return best?.id;
    },
  };
}

/** Pieces as which a curve is measured: so little bent, they are off by less than a thousandth of its length. */
const PIECES = 12;

/** Between a point and the nearest point of the curve. */
export function distanceTo(curve: Curve, point: Point): number {
  let best = Number.POSITIVE_INFINITY;
  let start = curve.from;
  for (let piece = 1; piece <= PIECES; piece += 1) {
    const end = pointAt(curve, piece / PIECES);
    best = Math.min(best, distanceToPiece(start, end, point));
    start = end;
  }
  return best;
}

function distanceToPiece(a: Point, b: Point, { x, y }: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/** Where the way from the centre of `rect` to a point meets its border; at its right side for a point at the centre. */
function borderTowards(rect: Rect, to: Point): Point {
  const from = centre(rect);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (dx === 0 && dy === 0) return { x: rect.x + rect.width, y: from.y };
  const scale = Math.min(Math.abs(rect.width / 2 / (dx || 1e-9)), Math.abs(rect.height / 2 / (dy || 1e-9)));
  return { x: from.x + dx * scale, y: from.y + dy * scale };
}
