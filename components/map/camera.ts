import { FIT_MARGIN, FIT_MARGIN_PHONE } from './measures.ts';
import type { Point, Rect } from './model.ts';

/** What is seen: world coordinates times `zoom` plus `x`, `y`, in CSS pixels. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const toWorld = ({ x, y }: Point, camera: Camera): Point => ({
  x: (x - camera.x) / camera.zoom,
  y: (y - camera.y) / camera.zoom,
});

export const toScreen = ({ x, y }: Point, camera: Camera): Point => ({
  x: x * camera.zoom + camera.x,
  y: y * camera.zoom + camera.y,
});

/** The camera that shows all of `bounds`, at most at its own size, with room for what lies over the edges of the map. */
export function fitCamera(bounds: Rect, width: number, height: number): Camera {
  const { top, right, bottom, left } = width < 768 ? FIT_MARGIN_PHONE : FIT_MARGIN;
  const [inner, tall] = [width - left - right, height - top - bottom];
  const zoom = Math.max(0.02, Math.min(1, inner / Math.max(bounds.width, 1), tall / Math.max(bounds.height, 1)));
  return {
    zoom,
    x: left + inner / 2 - (bounds.x + bounds.width / 2) * zoom,
    y: top + tall / 2 - (bounds.y + bounds.height / 2) * zoom,
  };
}
