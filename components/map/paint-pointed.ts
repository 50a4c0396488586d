import type { MapEdge } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import { type Camera, toScreen } from './camera.ts';
import { lineLabel } from './drawn-line.ts';
import type { PlacedMap } from './layout.ts';
import type { LineState } from './LineView.tsx';
import { rateOf } from './line-style.ts';
import type { Card, CanvasModel, Line, Point } from './model.ts';
import { lookOf, type Overlay, type Told } from './overlays.ts';
import { LABEL_ZOOM, type Theme, traceCurve } from './paint.ts';
import { curveOf, pointAt } from './straight-line.ts';

/** What is pointed at or selected, painted over the picture of all: it changes with the pointer, and the picture is too dear for that. */
export interface Pointed {
  readonly model: CanvasModel;
  readonly layout: PlacedMap;
  readonly overlay: Overlay;
  readonly changeOf: ((edge: MapEdge) => Told | undefined) | undefined;
  readonly stateOfLine: (id: string) => LineState;
  /** Card under the pointer; it is named where its own words are too small. */
  readonly card: Card | undefined;
  /** Milliseconds that the counts are of. */
  readonly window: { readonly from: number; readonly to: number };
}

/** Width of a line in CSS pixels, and of the halo of a selected one. */
const [LINE_WIDTH, HALO_WIDTH] = [2.4, 12];

/** `context` is scaled to CSS pixels; lines keep their width at every zoom. */
export function paintPointed(context: CanvasRenderingContext2D, pointed: Pointed, camera: Camera, theme: Theme): void {
  const { model, stateOfLine, card, layout } = pointed;
  for (const state of ['selected', 'hovered'] as const)
    for (const line of model.lines) if (stateOfLine(line.id) === state) paintLine(context, pointed, line, state, camera, theme);
  const rect = card && layout.cards.get(card.id);
  if (card === undefined || rect === undefined || camera.zoom >= LABEL_ZOOM) return;
  const top = toScreen({ x: rect.x + rect.width / 2, y: rect.y }, camera);
  const name = card.namespace !== '' && card.namespace !== card.title ? `${card.namespace}/${card.title}` : card.title;
  paintLabel(context, visibleText(name), { x: top.x, y: top.y - 16 }, false, theme);
}

function paintLine(
  context: CanvasRenderingContext2D,
  { model, layout, overlay, changeOf, window }: Pointed,
  line: Line,
  state: 'selected' | 'hovered',
  camera: Camera,
  theme: Theme,
): void {
  const world = curveOf(line, layout);
  if (world === undefined) return;
  const curve = { from: toScreen(world.from, camera), bend: toScreen(world.bend, camera), to: toScreen(world.to, camera) };
  const look = lookOf(line, overlay, changeOf);
  const stroke = (colour: string, width: number, alpha: number, dash: number[]) => {
    context.beginPath();
    traceCurve(context, curve, true);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.globalAlpha = alpha;
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  };
  if (state === 'selected') stroke(theme.accent, HALO_WIDTH, 0.2, []);
  stroke(theme[look.tone], LINE_WIDTH, 1, look.dash === 'dashed' ? [6, 4] : look.dash === 'dotted' ? [1.5, 4] : []);
  const nameOf = (id: string) => model.cards.get(id)?.title ?? id;
  const ends = camera.zoom < LABEL_ZOOM ? `${nameOf(line.source)} → ${nameOf(line.target)} · ` : '';
  paintLabel(
    context,
    visibleText(`${ends}${lineLabel(line, rateOf(line.flows, window))}`),
    pointAt(curve, 0.5),
    state === 'selected',
    theme,
  );
}

function paintLabel(context: CanvasRenderingContext2D, text: string, at: Point, filled: boolean, theme: Theme): void {
  context.font = `500 12px ${theme.font}`;
  const width = context.measureText(text).width + 14;
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - 11, width, 22, 4);
  context.fillStyle = filled ? theme.accent : theme.surface;
  context.fill();
  if (!filled) {
    context.strokeStyle = theme.lineStrong;
    context.lineWidth = 1;
    context.stroke();
  }
  context.fillStyle = filled ? theme.onAccent : theme.ink;
  context.textAlign = 'center';
  context.fillText(text, at.x, at.y + 4.2);
  context.textAlign = 'start';
}
