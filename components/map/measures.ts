import type { Card } from './model.ts';

/** Sizes in pixels at zoom 1; see the measures beside the design's pictures. */
export const CARD = { width: 152, height: 46 };
export const FOLDED_CARD = { width: 160, height: 58 };
export const PILL_HEIGHT = 38;
export const CELL_GAP = { x: 44, y: 54 };
export const ISLAND = { padding: 12, title: 28, radius: 14 };
/** Between islands; lines run here. Grows with the number of lines between islands, up to `most`. */
export const CORRIDOR = { x: 36, y: 44, perLine: 1.4, most: 112 };
/** From the islands to what stands outside of them. */
export const OUTSIDE_GAP = { x: 56, y: 44, between: 20 };
/** Lines keep this far from cards they do not touch. */
export const CLEARANCE = 8;
/** Between lines that share a gap. */
export const LANE = 9;

export function sizeOf(card: Card): { width: number; height: number } {
  if (card.place === 'island') return card.folded ? FOLDED_CARD : CARD;
  const letters = Math.max(card.title.length * 7.2, card.subtitle.length * 6.4);
  return { width: Math.round(Math.min(Math.max(letters + 52, 84), 190)), height: PILL_HEIGHT };
}

/** The mark in the middle of a line, alone and with its share. */
export const GLYPH = { width: 17, height: 17 };
export const SHARE_PILL = { width: 50, height: 18 };
