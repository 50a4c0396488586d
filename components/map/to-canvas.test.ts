import { expect, test } from 'vitest';
import { CALLERS, NAMES, NO_CHOICE, toggleGroup } from './fold.ts';
import { toCanvas } from './to-canvas.ts';
import { anEdge, aNode, aTopology, largeWorld, shopWorld } from './world.fixture.ts';

const drawn = (topology = shopWorld(), options: Partial<Parameters<typeof toCanvas>[1]> = {}) =>
  toCanvas(topology, { fold: NO_CHOICE, platform: false, ...options });

test('namespaces are islands, each workload is a card in its own', () => {
  const { islands } = drawn();
  expect(islands.map(({ namespace, cards }) => [namespace, cards.length])).toEqual([
    ['gateway', 3],
    ['kube-system', 3],
    ['monitoring', 3],
    ['payments', 5],
    ['spire-server', 2],
  ]);
});

test('ports between the same cards share a line, with the share of drops of all of them', () => {
  const line = drawn().lines.find(({ id }) => id === 'entity:world-ipv4->gateway/edge-proxy');
  expect(line?.edges.map(({ port }) => port)).toEqual([8443, 9901]);
  expect(line?.style).toBe('FORWARDED');
  expect(line?.droppedShare).toBeCloseTo(385 / 5585);
});

test('outside callers stand left, outside names right, nodes and the API server below', () => {
  const { cards } = drawn();
  expect(cards.get('entity:world-ipv4')?.place).toBe('callers');
  expect(cards.get('to fqdn:auth.cardnet.example')?.place).toBe('names');
  expect(cards.get('entity:kube-apiserver')?.place).toBe('platform');
});

test('an outside node that calls and is called has a card on either side', () => {
  const model = drawn(aTopology([anEdge('entity:world->a/x:TCP/80'), anEdge('a/x->entity:world:TCP/443')]));
  expect(model.cards.get('entity:world')?.place).toBe('callers');
  expect(model.cards.get('to entity:world')?.place).toBe('names');
});

test('platform traffic becomes marks on the cards, counted once; nodes that only probe are not drawn', () => {
  const model = drawn();
  expect(model.platform).toEqual({ dns: 2, scrape: 2, probe: 1 });
  expect(model.cards.get('payments/checkout-api')?.marks).toEqual({ dns: 1, scrape: 1, probe: 0 });
  expect(model.edges + 5).toBe(shopWorld().edges.length);
  const open = drawn(shopWorld(), { platform: true });
  expect(open.platform).toEqual({ dns: 0, scrape: 0, probe: 0 });
  expect(open.edges).toBe(shopWorld().edges.length);
});

test('a folded namespace is one card, and what is refused keeps its own line', () => {
  const model = drawn(shopWorld(), { fold: { all: 'folded', fold: new Set(), open: new Set() } });
  expect(model.cards.get('payments')).toMatchObject({ folded: true, subtitle: '5 workloads' });
  const between = model.lines.filter(({ source, target }) => source === 'gateway' && target === 'payments');
  expect(between.map(({ id, style }) => [id, style])).toEqual([
    ['gateway->payments', 'REDIRECTED'],
    ['gateway->payments DROPPED', 'DROPPED'],
  ]);
  expect(model.lines.some(({ id }) => id === 'payments->payments')).toBe(true);
});

test('every edge that is not hidden or folded into a mark is on exactly one line', () => {
  for (const fold of [NO_CHOICE, { all: 'folded', fold: new Set<string>(), open: new Set(['payments']) } as const]) {
    const model = drawn(shopWorld(), { fold });
    const keys = model.lines.flatMap(({ edges }) => edges.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(model.edges);
  }
});

test('a large map folds by itself; a namespace that was opened stays open', () => {
  const large = largeWorld(400, 900);
  expect(drawn(large).cards.size).toBe(20);
  const opened = drawn(large, { fold: toggleGroup(NO_CHOICE, 'ns-003', true) });
  expect(opened.islands.map(({ namespace }) => namespace)).toEqual(['ns-003']);
});

test('many outside names stand as one card, callers likewise', () => {
  const names = Array.from({ length: 12 }, (_, i) => anEdge(`a/x->fqdn:n${i}.example:TCP/443`));
  const callers = Array.from({ length: 12 }, (_, i) => anEdge(`cidr:198.51.100.${i}/32->a/x:TCP/80`));
  const model = drawn(aTopology([...names, ...callers]));
  expect(model.cards.get(NAMES)).toMatchObject({ title: 'outside', subtitle: '12 names' });
  expect(model.cards.get(CALLERS)?.nodes).toHaveLength(12);
  expect(drawn(aTopology(names), { fold: toggleGroup(NO_CHOICE, NAMES, true) }).cards.size).toBe(13);
});

test('names a workload chose itself are only names', () => {
  const hostile = ['__proto__/constructor', 'a/__proto__', 'a/<b>x</b>'];
  const model = drawn(aTopology([anEdge(`${hostile[0]}->${hostile[1]}:TCP/80`), anEdge(`${hostile[1]}->${hostile[2]}:TCP/80`)]));
  expect([...model.cards.keys()].toSorted()).toEqual(hostile.toSorted());
  expect(model.cards.get('__proto__/constructor')?.namespace).toBe('__proto__');
});

test('the order of nodes and edges in the topology does not matter', () => {
  const world = shopWorld();
  const turned = { ...world, nodes: world.nodes.toReversed(), edges: world.edges.toReversed() };
  const ids = (model: ReturnType<typeof drawn>) => [[...model.cards.keys()], model.lines.map(({ id }) => id)];
  expect(ids(drawn(turned))).toEqual(ids(drawn(world)));
});

test('at level namespace each namespace is a card', () => {
  const nodes = ['gateway', 'payments'].map((id) => aNode(id, { kind: 'namespace', namespace: id, name: id, pods: 8 }));
  const model = drawn({ ...aTopology([anEdge('gateway->payments:TCP/80')], nodes), level: 'namespace' });
  expect(model.islands).toEqual([]);
  expect(model.cards.get('payments')).toMatchObject({ folded: true, subtitle: '8 pods' });
});
