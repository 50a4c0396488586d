import type { Verdict } from '#lib/flow/flow.ts';
import type { MapEdge } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import { type Camera, toWorld } from './camera.ts';
import type { CardLook } from './CardView.tsx';
import type { PlacedMap } from './layout.ts';
import type { LineState } from './LineView.tsx';
import type { Card, CanvasModel, Rect } from './model.ts';
import { type LookTone, lookOf, type Overlay, type Told } from './overlays.ts';
import { type Curve, curveOf, spanOf } from './straight-line.ts';

/** Paints a whole map on a canvas. */

export interface Scene {
  readonly model: CanvasModel;
  readonly layout: PlacedMap;
  readonly overlay: Overlay;
  readonly changeOf: ((edge: MapEdge) => Told | undefined) | undefined;
  readonly stateOfLine: (id: string) => LineState;
  readonly lookOfCard: (id: string) => CardLook;
  /** Device pixels in a CSS pixel. */
  readonly ratio: number;
}

/** Device pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Names can be read from this zoom on; below it islands carry a name each, and cards only their colour. */
export const LABEL_ZOOM = 0.55;
const ISLAND_LABEL_PX = 12;
/** Lines in one stroke: one path of thousands is slower than many of some. */
const STROKE_BATCH = 50;

const TONES: readonly LookTone[] = ['fwd', 'drop', 'audit', 'redir', 'error', 'trace'];

export type Theme = Readonly<
  Record<
    LookTone | 'bg' | 'surface' | 'hull' | 'hullLine' | 'line' | 'lineStrong' | 'ink2' | 'ink3' | 'accent' | 'onAccent' | 'font',
    string
  >
>;

/** The colours of the page as they are now. */
export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const role = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const tones = Object.fromEntries(TONES.map((tone) => [tone, role(`${tone}-fill`)])) as Record<LookTone, string>;
  return {
    ...tones,
    ink: role('ink'),
    ink2: role('ink-2'),
    ink3: role('ink-3'),
    bg: role('bg'),
    surface: role('surface'),
    hull: role('hull'),
    hullLine: role('hull-line'),
    line: role('line'),
    lineStrong: role('line-strong'),
    accent: role('accent'),
    onAccent: role('on-accent'),
    font: style.fontFamily || 'sans-serif',
  };
}

export function paintMap(context: CanvasRenderingContext2D, scene: Scene, camera: Camera, size: Size, theme: Theme): void {
  const { ratio } = scene;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = theme.bg;
  context.fillRect(0, 0, size.width, size.height);
  context.setTransform(camera.zoom * ratio, 0, 0, camera.zoom * ratio, camera.x * ratio, camera.y * ratio);
  const seen = viewOf(camera, size, ratio);
  paintIslands(context, scene, camera, theme, seen);
  paintLines(context, scene, camera, theme, seen);
  paintCards(context, scene, camera, theme, seen);
}

function viewOf(camera: Camera, { width, height }: Size, ratio: number): Rect {
  const { x, y } = toWorld({ x: 0, y: 0 }, camera);
  return { x, y, width: width / ratio / camera.zoom, height: height / ratio / camera.zoom };
}

const meets = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function paintIslands(
  context: CanvasRenderingContext2D,
  { layout, model }: Scene,
  camera: Camera,
  theme: Theme,
  seen: Rect,
): void {
  const shown = new Set(model.islands.map(({ namespace }) => namespace));
  context.lineWidth = 1 / camera.zoom;
  for (const [namespace, rect] of layout.islands) {
    if (!shown.has(namespace) || !meets(rect, seen)) continue;
    context.beginPath();
    context.roundRect(rect.x, rect.y, rect.width, rect.height, 14);
    context.fillStyle = theme.hull;
    context.fill();
    context.strokeStyle = theme.hullLine;
    context.stroke();
    // A name keeps its size on the screen, and stays within its island.
    const pixels = Math.max(ISLAND_LABEL_PX / camera.zoom, 13);
    context.font = `500 ${pixels}px ${theme.font}`;
    context.fillStyle = theme.ink2;
    context.fillText(
      clip(context, visibleText(namespace), rect.width - 20),
      rect.x + 12,
      rect.y - (camera.zoom < LABEL_ZOOM ? 4 / camera.zoom : -18),
    );
  }
}

/** Lines in bundles of one look, so that thousands are a few strokes of the pen; the loud ones last. */
function paintLines(context: CanvasRenderingContext2D, scene: Scene, camera: Camera, theme: Theme, seen: Rect): void {
  const bundles = new Map<string, { tone: LookTone; dash: number[]; alpha: number; order: number; paths: Curve[] }>();
  // The more lines, the fainter those that only pass: a thousand of them make a tone, not a wall.
  const quiet = Math.min(0.55, Math.max(0.05, 60 / Math.sqrt(scene.model.lines.length * 40)));
  for (const line of scene.model.lines) {
    const curve = curveOf(line, scene.layout);
    if (curve === undefined || !meets(spanOf(curve), seen)) continue;
    // What is pointed at or selected is painted over all, see `paintPointed`.
    const dimmed = scene.stateOfLine(line.id) === 'dimmed';
    const look = lookOf(line, scene.overlay, scene.changeOf);
    const alpha = dimmed ? (look.loud ? 0.4 : 0.06) : look.loud ? Math.min(0.9, quiet * 4) : look.double ? quiet * 1.4 : quiet;
    const dash = look.dash === 'dashed' ? [6, 4] : look.dash === 'dotted' ? [1.5, 4] : [];
    const key = `${look.tone} ${look.dash} ${alpha}`;
    const bundle = bundles.get(key) ?? { tone: look.tone, dash, alpha, order: look.loud ? 1 : 0, paths: [] };
    bundle.paths.push(curve);
    bundles.set(key, bundle);
  }
  for (const { tone, dash, alpha, paths } of [...bundles.values()].toSorted((a, b) => a.order - b.order)) {
    context.globalAlpha = alpha;
    context.strokeStyle = theme[tone];
    // One device pixel is a hairline, which software rendering draws some twenty times faster than anything wider.
    context.lineWidth = 1 / (camera.zoom * scene.ratio);
    context.setLineDash(dash.map((length) => length / camera.zoom));
    for (let start = 0; start < paths.length; start += STROKE_BATCH) {
      context.beginPath();
      for (const curve of paths.slice(start, start + STROKE_BATCH)) traceCurve(context, curve, camera.zoom >= LABEL_ZOOM);
      context.stroke();
    }
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** The curve, with a short head at its end where there is room for one. */
export function traceCurve(context: CanvasRenderingContext2D, { from, bend, to }: Curve, head: boolean): void {
  context.moveTo(from.x, from.y);
  context.quadraticCurveTo(bend.x, bend.y, to.x, to.y);
  if (!head) return;
  const length = Math.hypot(to.x - bend.x, to.y - bend.y) || 1;
  const [ux, uy] = [(to.x - bend.x) / length, (to.y - bend.y) / length];
  context.moveTo(to.x - ux * 8 - uy * 5, to.y - uy * 8 + ux * 5);
  context.lineTo(to.x, to.y);
  context.lineTo(to.x - ux * 8 + uy * 5, to.y - uy * 8 - ux * 5);
}

function paintCards(
  context: CanvasRenderingContext2D,
  { model, layout, lookOfCard }: Scene,
  camera: Camera,
  theme: Theme,
  seen: Rect,
): void {
  const detailed = camera.zoom >= LABEL_ZOOM;
  for (const card of model.cards.values()) {
    const rect = layout.cards.get(card.id);
    if (rect === undefined || !meets(rect, seen)) continue;
    const { selected, dimmed, cursor } = lookOfCard(card.id);
    context.globalAlpha = dimmed ? 0.4 : 1;
    context.beginPath();
    context.roundRect(rect.x, rect.y, rect.width, rect.height, card.place === 'island' ? 6 : rect.height / 2);
    context.fillStyle = theme.surface;
    context.fill();
    context.lineWidth = (selected || cursor ? 2.5 : 1) / Math.max(camera.zoom, 0.5);
    context.strokeStyle = selected || cursor ? theme.accent : theme.lineStrong;
    if (card.place !== 'island') context.setLineDash([4, 3]);
    context.stroke();
    context.setLineDash([]);
    paintMix(context, card, rect, theme, detailed);
    if (detailed) paintWords(context, card, rect, theme);
    else if (card.folded) paintFarName(context, card, rect, camera, theme);
  }
  context.globalAlpha = 1;
}

const MIX: readonly (readonly [Verdict, LookTone])[] = [
  ['FORWARDED', 'fwd'],
  ['REDIRECTED', 'redir'],
  ['TRACED', 'trace'],
  ['TRANSLATED', 'trace'],
  ['AUDIT', 'audit'],
  ['ERROR', 'error'],
  ['DROPPED', 'drop'],
];

function paintMix(context: CanvasRenderingContext2D, card: Card, rect: Rect, theme: Theme, detailed: boolean): void {
  const total = MIX.reduce((sum, [verdict]) => sum + (card.verdicts[verdict] ?? 0), 0);
  if (total === 0 || (card.place !== 'island' && detailed)) return;
  const width = rect.width - 16;
  const [y, height] = detailed ? [rect.y + rect.height - 12, 4] : [rect.y + rect.height - 16, 10];
  let x = rect.x + 8;
  for (const [verdict, tone] of MIX) {
    const share = (card.verdicts[verdict] ?? 0) / total;
    if (share === 0) continue;
    context.fillStyle = theme[tone];
    context.fillRect(x, y, Math.max(share * width, 2), height);
    x += share * width;
  }
}

function paintWords(context: CanvasRenderingContext2D, card: Card, rect: Rect, theme: Theme): void {
  context.font = `500 13px ${theme.font}`;
  context.fillStyle = theme.ink;
  const pods = card.pods > 0 && !card.folded ? `×${card.pods}` : '';
  const inset = card.place === 'island' ? 10 : 16;
  context.fillText(
    clip(context, visibleText(card.title), rect.width - inset * 2 - (pods ? 24 : 0)),
    rect.x + inset,
    rect.y + (card.folded ? 20 : 19),
  );
  context.font = `400 12px ${theme.font}`;
  context.fillStyle = theme.ink3;
  if (card.folded) context.fillText(card.subtitle, rect.x + inset, rect.y + 36);
  if (pods) {
    const { width } = context.measureText(pods);
    context.fillText(pods, rect.x + rect.width - width - 10, rect.y + 19);
  }
}

/** A folded namespace keeps a readable name as long as that fits its card. */
function paintFarName(context: CanvasRenderingContext2D, card: Card, rect: Rect, camera: Camera, theme: Theme): void {
  const pixels = ISLAND_LABEL_PX / camera.zoom;
  if (pixels > rect.height * 0.62) return;
  context.font = `500 ${pixels}px ${theme.font}`;
  context.fillStyle = theme.ink;
  context.fillText(clip(context, visibleText(card.title), rect.width - 12), rect.x + 6, rect.y + pixels + 4);
}

function clip(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (width <= 0) return '';
  if (context.measureText(text).width <= width) return text;
  let length = Math.max(1, Math.floor((text.length * width) / context.measureText(text).width) - 1);
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
}
