import { expect, test } from 'vitest';
import { type FoldChoice, NO_CHOICE } from './fold.ts';
import { layoutInput } from './layout-input.ts';
import { layoutMap } from './layout.ts';
import type { Point, Rect } from './model.ts';
import { arrowHead, markPlace, middleOf, overlaps, parallel, roundedPath } from './paths.ts';
import { routeLines, simplify } from './routing.ts';
import { toCanvas } from './to-canvas.ts';
import { largeWorld, shopWorld } from './world.fixture.ts';

function routed(topology = shopWorld(), fold: FoldChoice = NO_CHOICE, platform = false) {
  const { cards, lines } = layoutInput(toCanvas(topology, { fold, platform }));
  const map = layoutMap(cards, lines);
  return { map, lines, routes: routeLines(lines, map.cards, map.islands) };
}

const piecesOf = (points: readonly Point[]) =>
  points.slice(0, -1).map((start, index) => [start, points[index + 1] as Point] as const);
const shrunk = ({ x, y, width, height }: Rect): Rect => ({ x: x + 2, y: y + 2, width: width - 4, height: height - 4 });
const rectOf = ([a, b]: readonly [Point, Point]): Rect => ({
  x: Math.min(a.x, b.x) - 0.1,
  y: Math.min(a.y, b.y) - 0.1,
  width: Math.abs(a.x - b.x) + 0.2,
  height: Math.abs(a.y - b.y) + 0.2,
});

test.each([
  { name: 'the shop', world: shopWorld(), fold: NO_CHOICE, platform: false },
  { name: 'the shop with its platform traffic', world: shopWorld(), fold: NO_CHOICE, platform: true },
  { name: 'the folded shop', world: shopWorld(), fold: { ...NO_CHOICE, all: 'folded' } as FoldChoice, platform: false },
  { name: '120 workloads', world: largeWorld(120, 200), fold: NO_CHOICE, platform: false },
])('in $name every line has a route, and none runs under a card', ({ world, fold, platform }) => {
  const { map, lines, routes } = routed(world, fold, platform);
  expect(routes.size).toBe(lines.length);
  for (const line of lines) {
    for (const piece of piecesOf(routes.get(line.id) ?? [])) {
      const under = [...map.cards].filter(([, card]) => overlaps(rectOf(piece), shrunk(card))).map(([id]) => id);
      expect({ line: line.id, under }).toEqual({ line: line.id, under: [] });
    }
  }
});

test('a route starts at the border of its source and ends at that of its target, in straight pieces', () => {
  const { map, lines, routes } = routed();
  for (const { id, source, target } of lines) {
    const points = routes.get(id) ?? [];
    for (const [point, cardId] of [
      [points[0], source],
      [points.at(-1), target],
    ] as const) {
      const { x, y, width, height } = map.cards.get(cardId) as Rect;
      const onSide = (point?.x === x || point?.x === x + width) && (point?.y ?? -1) >= y && (point?.y ?? -1) <= y + height;
      const onEnd = (point?.y === y || point?.y === y + height) && (point?.x ?? -1) >= x && (point?.x ?? -1) <= x + width;
      expect({ id, cardId, touches: onSide || onEnd }).toEqual({ id, cardId, touches: true });
    }
    for (const [a, b] of piecesOf(points)) expect(a.x === b.x || a.y === b.y).toBe(true);
  }
});

test('two lines never lie on one another', () => {
  const { routes } = routed();
  const all = [...routes].flatMap(([id, points]) => piecesOf(points).map((piece) => ({ id, piece })));
  all.forEach((a, index) => {
    for (const b of all.slice(index + 1)) {
      if (a.id === b.id) continue;
      for (const [across, along] of [
        ['x', 'y'],
        ['y', 'x'],
      ] as const) {
        const same =
          a.piece[0][across] === a.piece[1][across] &&
          b.piece[0][across] === b.piece[1][across] &&
          Math.abs(a.piece[0][across] - b.piece[0][across]) < 2;
        if (!same) continue;
        const [a1, a2] = [Math.min(a.piece[0][along], a.piece[1][along]), Math.max(a.piece[0][along], a.piece[1][along])];
        const [b1, b2] = [Math.min(b.piece[0][along], b.piece[1][along]), Math.max(b.piece[0][along], b.piece[1][along])];
        expect({ a: a.id, b: b.id, shared: Math.max(0, Math.min(a2, b2) - Math.max(a1, b1)) }).toEqual({
          a: a.id,
          b: b.id,
          shared: 0,
        });
      }
    }
  });
});

test('the same map is routed the same way', () => {
  expect([...routed().routes]).toEqual([...routed().routes]);
});

test('points in the middle of a straight piece are left out', () => {
  expect(
    simplify([
      { x: 0, y: 0 },
      { x: 5, y: 0 },
      { x: 9, y: 0 },
      { x: 9, y: 4 },
    ]),
  ).toEqual([
    { x: 0, y: 0 },
    { x: 9, y: 0 },
    { x: 9, y: 4 },
  ]);
});

const bent = [
  { x: 0, y: 0 },
  { x: 100, y: 0 },
  { x: 100, y: 60 },
];

test('corners are rounded, by less where a piece is short', () => {
  expect(roundedPath(bent, 10)).toBe('M0 0L90 0Q100 0 100 10L100 60');
  expect(
    roundedPath(
      [
        { x: 0, y: 0 },
        { x: 8, y: 0 },
        { x: 8, y: 60 },
      ],
      10,
    ),
  ).toBe('M0 0L4 0Q8 0 8 4L8 60');
});

test('a parallel line keeps its distance on both sides of a corner', () => {
  expect(parallel(bent, 2)).toEqual([
    { x: 0, y: 2 },
    { x: 98, y: 2 },
    { x: 98, y: 60 },
  ]);
});

test('the arrow head points along the last piece', () => {
  expect(arrowHead(bent, 5)).toBe('M95 53.5L100 60L105 53.5');
});

test('a mark stands at the middle of the longest piece, or beside a mark that is there already', () => {
  const size = { width: 16, height: 16 };
  expect(markPlace(bent, size, [])).toEqual({ x: 50, y: 0 });
  expect(markPlace(bent, size, [{ x: -500, y: -500, width: 1000, height: 1000 }])).toBeUndefined();
  expect(middleOf(bent)).toEqual({ x: 50, y: 0 });
  expect(markPlace(bent, size, [{ x: 42, y: -8, width: 16, height: 16 }])).toEqual({ x: 30, y: 0 });
});

test('what stands beside the map is left and reached sideways', () => {
  const cards = new Map<string, Rect>([
    ['caller', { x: 0, y: 0, width: 150, height: 38 }],
    ['web', { x: 300, y: 160, width: 152, height: 46 }],
    ['name', { x: 600, y: 320, width: 150, height: 38 }],
  ]);
  const requests = [
    { id: 'in', source: 'caller', target: 'web' },
    { id: 'out', source: 'web', target: 'name' },
  ];
  const endsOf = (atSides: readonly string[]) => {
    const routes = routeLines(requests, cards, new Map(), new Set(atSides));
    return { left: routes.get('in')?.at(0)?.x === 150, reached: routes.get('out')?.at(-1)?.x === 600 };
  };
  expect(endsOf(['caller', 'name'])).toEqual({ left: true, reached: true });
  // By itself the shortest way with the fewest bends decides.
  expect(endsOf([])).not.toEqual({ left: true, reached: true });
});
