import { quadtree } from 'd3-quadtree';
import { centre } from './layout.ts';
import type { Point, Rect } from './model.ts';

/** No corner of a card is further from its centre, in pixels at zoom 1. */
const FARTHEST = 140;

/** Finds the card under a point among thousands: the nearest centre, if the point lies on that card. */
export function cardHits(rects: ReadonlyMap<string, Rect>): { readonly at: (point: Point) => string | undefined } {
  const tree = quadtree<Point & { readonly id: string; readonly rect: Rect }>()
    .x(({ x }) => x)
    .y(({ y }) => y)
    .addAll([...rects].map(([id, rect]) => ({ id, rect, ...centre(rect) })));
  return {
    at: ({ x, y }) => {
      const nearest = tree.find(x, y, FARTHEST);
      if (nearest === undefined) return undefined;
      const { rect, id } = nearest;
      const inside = x >= rect.x && x <= rect.x + rect.width && y >= rect.y && y <= rect.y + rect.height;
      return inside ? id : undefined;
    },
  };
}
