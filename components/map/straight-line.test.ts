import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_PLACES, type PlacedMap } from './layout.ts';
import type { Line } from './model.ts';
import { curveOf, distanceTo, lineHits, pointAt, spanOf } from './straight-line.ts';

const line = (id: string): Line => {
  const [source = '', target = ''] = id.split('->');
  return { id, source, target, edges: [], flows: 0, verdicts: {}, style: 'FORWARDED', droppedShare: 0 };
};
const placed = (places: Readonly<Record<string, readonly [number, number]>>): PlacedMap => ({
  cards: new Map(Object.entries(places).map(([id, [x, y]]) => [id, { x, y, width: 100, height: 40 }])),
  islands: new Map(),
  bounds: { x: 0, y: 0, width: 0, height: 0 },
  places: NO_PLACES,
});
const layout = placed({ a: [0, 0], b: [600, 0], c: [0, 400], d: [600, 400] });
const hits = lineHits(['a->b', 'b->a', 'c->d', 'a->gone'].map(line), layout);
const curve = (id: string) => curveOf(line(id), layout) ?? expect.fail(`no curve of ${id}`);

test('a line is hit on and near its curve, and nowhere else', () => {
  const { x, y } = pointAt(curve('c->d'), 0.3);
  expect(hits.at({ x, y }, 1)).toBe('c->d');
  expect(hits.at({ x, y: y + 5 }, 6)).toBe('c->d');
  expect(hits.at({ x, y: y + 8 }, 6)).toBeUndefined();
});

test('calls there and back are two lines, the nearer one is meant', () => {
  expect(hits.at({ x: 350, y: 39 }, 60)).toBe('a->b');
  expect(hits.at({ x: 350, y: 1 }, 60)).toBe('b->a');
});

test('every point of every curve hits it, within its span', () => {
  const place = fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -5000, max: 5000 }));
  fc.assert(
    fc.property(place, place, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, t) => {
      const map = placed({ a, b });
      const found = curveOf(line('a->b'), map);
      if (found === undefined) throw new Error('no curve');
      const point = pointAt(found, t);
      const { x, y, width, height } = spanOf(found);
      expect(point.x).toBeGreaterThanOrEqual(x - 1e-6);
      expect(point.x).toBeLessThanOrEqual(x + width);
      expect(point.y).toBeGreaterThanOrEqual(y - 1e-6);
      expect(point.y).toBeLessThanOrEqual(y + height);
      const length = Math.hypot(found.to.x - found.from.x, found.to.y - found.from.y);
      expect(distanceTo(found, point)).toBeLessThanOrEqual(1 + length / 1000);
      expect(lineHits([line('a->b')], map).at(point, 1 + length / 1000)).toBe('a->b');
    }),
  );
});
