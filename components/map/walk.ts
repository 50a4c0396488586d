import { centre } from './layout.ts';
import type { Line, Rect } from './model.ts';

/** The keyboard walk: arrows go from card to card, along lines first. Pure. */

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

const DIRECTION: Readonly<Record<Arrow, { readonly x: number; readonly y: number }>> = {
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
};

/**
 * The card that an arrow leads to: among those that lie in its direction (within 60 degrees) the nearest one with a line to here, else the
 * nearest of all. Undefined when nothing lies there.
 */
export function step(from: string, arrow: Arrow, cards: ReadonlyMap<string, Rect>, lines: readonly Line[]): string | undefined {
  const start = cards.get(from);
  if (start === undefined) return firstCard(cards);
  const here = centre(start);
  const { x, y } = DIRECTION[arrow];
  const linked = new Set(lines.flatMap(({ source, target }) => (source === from ? [target] : target === from ? [source] : [])));
  let best: { id: string; linked: boolean; distance: number } | undefined;
  for (const [id, rect] of cards) {
    if (id === from) continue;
    const there = centre(rect);
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const along = dx * x + dy * y;
    const across = Math.abs(dx * y) + Math.abs(dy * x);
    if (along <= 0 || across > along * 1.74) continue;
    const candidate = { id, linked: linked.has(id), distance: along + across * 2 };
    if (best === undefined || isBetter(candidate, best)) best = candidate;
  }
  return best?.id;
}

const isBetter = (
  a: { linked: boolean; distance: number; id: string },
  b: { linked: boolean; distance: number; id: string },
): boolean => (a.linked !== b.linked ? a.linked : a.distance !== b.distance ? a.distance < b.distance : a.id < b.id);

/** Where the walk begins: the card nearest to the upper left. */
export function firstCard(cards: ReadonlyMap<string, Rect>): string | undefined {
  let best: { id: string; sum: number } | undefined;
  for (const [id, { x, y }] of cards) if (best === undefined || x + y < best.sum) best = { id, sum: x + y };
  return best?.id;
}

/** The lines of a card in the order in which they are stepped through: what it calls, then what calls it. */
export const linesOf = (cardId: string, lines: readonly Line[]): Line[] => [
  ...lines.filter(({ source }) => source === cardId),
  ...lines.filter(({ source, target }) => target === cardId && source !== cardId),
];

/** The line after (or before) the current one. */
export function nextLine(cardId: string, current: string | undefined, lines: readonly Line[], by: 1 | -1): Line | undefined {
  const own = linesOf(cardId, lines);
  if (own.length === 0) return undefined;
  const index = own.findIndex(({ id }) => id === current);
  return own[(index < 0 ? (by === 1 ? 0 : own.length - 1) : index + by + own.length) % own.length];
}
