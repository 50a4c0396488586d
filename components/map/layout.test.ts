import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_CHOICE } from './fold.ts';
import { layoutInput } from './layout-input.ts';
import { layoutMap } from './layout.ts';
import type { Rect } from './model.ts';
import { overlaps } from './paths.ts';
import { toCanvas } from './to-canvas.ts';
import { anEdge, aNode, aTopology, largeWorld, shopWorld } from './world.fixture.ts';

const inputOf = (topology = shopWorld()) => layoutInput(toCanvas(topology, { fold: NO_CHOICE, platform: false }));
const place = (
  topology = shopWorld(),
  ...rest: Parameters<typeof layoutMap> extends [unknown, unknown, ...infer R] ? R : never
) => {
  const { cards, lines } = inputOf(topology);
  return layoutMap(cards, lines, ...rest);
};
const rect = (map: ReturnType<typeof place>, id: string): Rect => map.cards.get(id) ?? expect.fail(`${id} has no place`);

test('the same map is placed the same way, whatever the order of its parts', () => {
  const world = shopWorld();
  const turned = { ...world, nodes: world.nodes.toReversed(), edges: world.edges.toReversed() };
  expect([...place(turned).cards]).toEqual([...place(world).cards]);
});

test('callers stand left of every island, names right of their band, the platform below', () => {
  const map = place();
  const islands = [...map.islands.values()];
  const caller = rect(map, 'entity:world-ipv4');
  expect(islands.every(({ x }) => caller.x + caller.width < x)).toBe(true);
  const server = rect(map, 'entity:kube-apiserver');
  expect(islands.every(({ y, height }) => server.y > y + height)).toBe(true);
  const name = rect(map, 'to fqdn:auth.cardnet.example');
  expect(name.x).toBeGreaterThan(rect(map, 'payments/fraud-scorer').x);
});

test('calls run down and right: the gateway stands left of payments, checkout above its database', () => {
  const map = place();
  expect(rect(map, 'gateway/web-bff').x).toBeLessThan(rect(map, 'payments/checkout-api').x);
  expect(rect(map, 'gateway/edge-proxy').y).toBeLessThan(rect(map, 'gateway/web-bff').y);
  expect(rect(map, 'payments/ledger').y).toBeLessThan(rect(map, 'payments/payments-db').y);
});

test('cards stand inside their island and none overlaps another', () => {
  for (const world of [shopWorld(), largeWorld(140, 300)]) {
    const map = place(world);
    const cards = [...map.cards];
    cards.forEach(([id, a], index) => {
      for (const [, b] of cards.slice(index + 1)) expect(overlaps(a, b)).toBe(false);
      const island = map.islands.get(id.split('/')[0] ?? '');
      if (!island || !id.includes('/') || id.includes(':')) return;
      expect(
        a.x >= island.x &&
          a.x + a.width <= island.x + island.width &&
          a.y >= island.y &&
          a.y + a.height <= island.y + island.height,
      ).toBe(true);
    });
    const islands = [...map.islands.values()];
    islands.forEach((a, index) => islands.slice(index + 1).forEach((b) => expect(overlaps(a, b)).toBe(false)));
  }
});

test('what was placed stays when a line comes, a card leaves or a card comes where there is room', () => {
  const world = shopWorld();
  const first = place(world);
  const remember = JSON.parse(JSON.stringify(first.places)) as typeof first.places;
  const newLine = place(
    { ...world, edges: [...world.edges, anEdge('monitoring/grafana->spire-server/spire-server:TCP/8081')] },
    remember,
  );
  expect([...newLine.cards]).toEqual([...first.cards]);

  const fewer = place({ ...world, nodes: world.nodes.filter(({ id }) => id !== 'payments/payments-db') }, remember);
  for (const [id, at] of fewer.cards) expect(at).toEqual(first.cards.get(id));

  const more = place(
    {
      ...world,
      nodes: [...world.nodes, aNode('payments/refunds')],
      edges: [...world.edges, anEdge('payments/refunds->payments/ledger:TCP/9090')],
    },
    remember,
  );
  for (const [id, at] of first.cards) expect(more.cards.get(id)).toEqual(at);
  expect(more.cards.has('payments/refunds')).toBe(true);
});

test('a new outside name takes a free place and moves no other', () => {
  const world = shopWorld();
  const first = place(world);
  const more = place(
    {
      ...world,
      nodes: [...world.nodes, aNode('fqdn:new.example')],
      edges: [...world.edges, anEdge('payments/ledger->fqdn:new.example:TCP/443')],
    },
    first.places,
  );
  for (const [id, at] of first.cards) expect(more.cards.get(id)).toEqual(at);
});

test('cards never overlap, whoever calls whom and however they come and go', () => {
  const id = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 6 })).map(([ns, app]) => `n${ns}/a${app}`);
  const end = fc.oneof(
    { weight: 4, arbitrary: id },
    fc.constantFrom('entity:world', 'fqdn:x.example', 'entity:host', 'cidr:192.0.2.0/24'),
  );
  const edges = fc.array(fc.tuple(end, end), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(edges, edges, (before, after) => {
      const topology = (pairs: [string, string][]) => aTopology(pairs.map(([a, b]) => anEdge(`${a}->${b}:TCP/80`)));
      const first = place(topology(before));
      const second = place(topology(after), first.places);
      for (const map of [first, second]) {
        const rects = [...map.cards.values()];
        rects.forEach((a, index) => rects.slice(index + 1).forEach((b) => expect(overlaps(a, b)).toBe(false)));
      }
    }),
    { numRuns: 60 },
  );
});
