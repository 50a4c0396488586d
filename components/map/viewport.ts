import type { Rect } from './model.ts';

/** How buttons and keys move what is seen of a map, whichever way it is drawn. */
export interface Viewport {
  /** Nearer (above 1) or further. */
  readonly zoom: (factor: number) => void;
  /** All of the map, and following its size again. */
  readonly fit: () => void;
  /** Brings `rect` into sight when it is not. */
  readonly show: (rect: Rect) => void;
}
