import type { LayoutCard, LayoutLine } from './layout.ts';
import { sizeOf } from './measures.ts';
import type { CanvasModel, Line } from './model.ts';

/** What the layout needs of a model: sizes and who calls whom, no counts. Plain data that a worker can be sent. */
export function layoutInput(model: CanvasModel, compact = false): { cards: LayoutCard[]; lines: LayoutLine[] } {
  const cards = [...model.cards.values()].map((card) => ({
    id: card.id,
    place: card.place,
    namespace: card.folded && card.place === 'island' ? card.id : card.namespace,
    folded: card.folded,
    ...sizeOf(card, compact),
  }));
  return {
    cards,
    lines: model.lines.map((line) => ({ id: line.id, source: line.source, target: line.target, weight: weightOf(line) })),
  };
}

/** Refused and audited calls shape the map less than those that pass: they are meant to go away. */
const weightOf = ({ style }: Line): number => (style === 'DROPPED' || style === 'AUDIT' ? 0.5 : 1);
