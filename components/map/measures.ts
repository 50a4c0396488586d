import type { Card } from './model.ts';

/** Sizes in pixels at zoom 1; see the measures beside the design's pictures. */
export const CARD = { width: 152, height: 46 };
export const FOLDED_CARD = { width: 148, height: 58 };
const OUTSIDE_WIDTH = { least: 118, most: 190, compact: 112 };
export const PILL_HEIGHT = 38;
export const CELL_GAP = { x: 44, y: 54 };
export const ISLAND = { padding: 12, title: 28, radius: 14 };
/** The room between things: on a desk screen, and on a phone, where the map is folded and stands upright. */
export interface Spacing {
  /** Width to height that the map aims at. */
  readonly aspect: number;
  /** Between islands; lines run here. Grows with the number of lines between islands, up to `most`. */
  readonly corridor: { readonly x: number; readonly y: number; readonly perLine: number; readonly most: number };
  /** From the islands to what stands outside of them. */
  readonly outside: { readonly x: number; readonly y: number; readonly between: number };
}

export const ROOMY: Spacing = {
  aspect: 1.5,
  corridor: { x: 36, y: 44, perLine: 1.4, most: 112 },
  outside: { x: 72, y: 44, between: 20 },
};
export const COMPACT: Spacing = {
  aspect: 0.55,
  corridor: { x: 32, y: 52, perLine: 1, most: 68 },
  outside: { x: 30, y: 36, between: 14 },
};

/** Lines keep this far from cards they do not touch. */
export const CLEARANCE = 8;
/** Between lines that share a gap. */
export const LANE = 9;

export function sizeOf(card: Card, compact: boolean): { width: number; height: number } {
  if (card.place === 'island') return card.folded ? FOLDED_CARD : CARD;
  if (compact) return { width: OUTSIDE_WIDTH.compact, height: PILL_HEIGHT };
  const letters = Math.max(card.title.length * 7.2, card.subtitle.length * 6.4);
  return { width: Math.round(Math.min(Math.max(letters + 52, OUTSIDE_WIDTH.least), OUTSIDE_WIDTH.most)), height: PILL_HEIGHT };
}

/** The mark in the middle of a line, alone and with its share. */
export const GLYPH = { width: 17, height: 17 };
export const SHARE_PILL = { height: 18, widthOf: (text: string) => 22 + text.length * 6.6 };
/** Kept free around a map that is fitted: legend and counts below, buttons at the right. */
export const FIT_MARGIN = { top: 20, right: 56, bottom: 60, left: 20 };
export const FIT_MARGIN_PHONE = { top: 8, right: 8, bottom: 16, left: 8 };
