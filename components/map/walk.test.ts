import { expect, test } from 'vitest';
import { NO_CHOICE } from './fold.ts';
import { layoutInput } from './layout-input.ts';
import { layoutMap } from './layout.ts';
import { brightParts, neighbourhood, resolveSelection, selectionOfCard, selectionOfLine } from './selection.ts';
import { toCanvas } from './to-canvas.ts';
import { firstCard, linesOf, nextLine, step } from './walk.ts';
import { shopWorld } from './world.fixture.ts';

const world = shopWorld();
const model = toCanvas(world, { fold: NO_CHOICE, platform: false });
const { cards, lines } = layoutInput(model);
const map = layoutMap(cards, lines);
const go = (from: string, arrow: Parameters<typeof step>[1]) => step(from, arrow, map.cards, model.lines);
const lineOf = (id: string) => model.lines.find((line) => line.id === id) ?? expect.fail(id);

test('an arrow goes along a line before it goes to a nearer card without one', () => {
  expect(go('entity:world-ipv4', 'ArrowRight')).toBe('gateway/edge-proxy');
  expect(go('gateway/edge-proxy', 'ArrowDown')).toBe('gateway/web-bff');
  expect(go('gateway/web-bff', 'ArrowRight')).toMatch(/^payments\//);
});

test('from every card some arrow leads on, and every card can be reached', () => {
  const reached = new Set([firstCard(map.cards) ?? '']);
  for (const id of reached)
    for (const arrow of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] as const) reached.add(go(id, arrow) ?? id);
  expect([...map.cards.keys()].filter((id) => !reached.has(id))).toEqual([]);
});

test('at the rim an arrow leads nowhere', () => {
  expect(go('entity:world-ipv4', 'ArrowLeft')).toBeUndefined();
});

test('lines of a card are stepped through in a circle, its calls first', () => {
  const own = linesOf('payments/ledger', model.lines);
  expect(own[0]?.target).toBe('payments/payments-db');
  const walked = [undefined, ...own].map((line) => nextLine('payments/ledger', line?.id, model.lines, 1)?.id);
  expect(walked).toEqual([...own.map(({ id }) => id), own[0]?.id]);
  expect(nextLine('payments/ledger', undefined, model.lines, -1)).toBe(own.at(-1));
});

test('a link finds its edge, its node, its line, or says that it is away', () => {
  const key = 'payments/checkout-api->payments/ledger:TCP/9090';
  expect(resolveSelection(key, world, model)).toMatchObject({
    kind: 'edge',
    edge: { key },
    line: { id: 'payments/checkout-api->payments/ledger' },
  });
  expect(resolveSelection('payments/ledger', world, model)).toMatchObject({ kind: 'node', cards: [{ id: 'payments/ledger' }] });
  expect(resolveSelection('entity:world-ipv4->gateway/edge-proxy', world, model)).toMatchObject({ kind: 'line' });
  expect(resolveSelection('gone/workload', world, model)).toEqual({ kind: 'away', id: 'gone/workload' });
  expect(resolveSelection(null, world, model)).toEqual({ kind: 'none' });
});

test('an edge of a folded namespace is found on the line that holds it', () => {
  const folded = toCanvas(world, { fold: { ...NO_CHOICE, all: 'folded' }, platform: false });
  const selection = resolveSelection('payments/ledger->payments/payments-db:TCP/5432', world, folded);
  expect(selection).toMatchObject({ kind: 'edge', line: { id: 'payments->payments' } });
  expect(resolveSelection('payments', world, folded)).toMatchObject({ kind: 'group', card: { id: 'payments' } });
});

test('what is clicked and what the link then means are the same thing', () => {
  for (const line of model.lines)
    expect(resolveSelection(selectionOfLine(line), world, model)).toMatchObject({ line: { id: line.id } });
  for (const card of model.cards.values())
    expect(resolveSelection(selectionOfCard(card), world, model)).toMatchObject({ kind: 'node' });
});

test('a selection keeps its line, its ends or its neighbourhood bright', () => {
  expect(brightParts({ kind: 'none' }, model.lines)).toBeUndefined();
  const line = lineOf('payments/ledger->payments/payments-db');
  expect(brightParts({ kind: 'line', line }, model.lines)).toEqual({
    lines: new Set([line.id]),
    cards: new Set([line.source, line.target]),
  });
  const ledger = resolveSelection('payments/ledger', world, model);
  expect(brightParts(ledger, model.lines)?.cards).toEqual(neighbourhood('payments/ledger', model.lines));
});
