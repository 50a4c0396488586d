import { percent } from '#components/ui/format.ts';
import type { MapEdge } from '#lib/topology/topology.ts';
import { lineWidth, rateOf } from './line-style.ts';
import { GLYPH, SHARE_PILL } from './measures.ts';
import type { CanvasModel, Line, Point, Rect } from './model.ts';
import { type LineLook, lookOf, type Overlay, type Told } from './overlays.ts';
import { around, arrowHead, markPlace, middleOf, overlaps, parallel, roundedPath, shortened } from './paths.ts';
import type { MapLayout } from './use-layout.ts';

/** A line with everything that is drawn of it. */
export interface DrawnLine {
  readonly line: Line;
  readonly look: LineLook;
  /** Stroke width in pixels. */
  readonly width: number;
  readonly points: readonly Point[];
  /** One path, or two that run beside each other. */
  readonly paths: readonly string[];
  /** The middle of the route, for the halo and for hit tests. */
  readonly spine: string;
  readonly head: string;
  readonly mark: Point;
  /** Where the label stands on hover and selection: at the mark, or beside it where it would hide a card. */
  readonly labelAt: Point;
  /** `9090 · 57/s`. */
  readonly label: string;
}

/** Two lines 1.4 wide, 3 apart. */
const DOUBLE = { width: 1.4, offset: 1.5 };

/** Lines that have a route, ready to be drawn; marks keep off each other and off the cards. */
export function drawLines(
  model: CanvasModel,
  layout: MapLayout,
  overlay: Overlay,
  window: { readonly from: number; readonly to: number },
  changeOf?: (edge: MapEdge) => Told | undefined,
): DrawnLine[] {
  const cards = [...layout.map.cards.values()];
  const taken: Rect[] = [...cards];
  return model.lines.flatMap((line) => {
    const route = layout.routes.get(line.id);
    if (route === undefined || route.length < 2) return [];
    const points = shortened(route);
    const { look, mark } = marked(lookOf(line, overlay, changeOf), points, taken);
    const rate = rateOf(line.flows, window);
    const label = lineLabel(line, rate);
    return {
      line,
      look,
      width: look.double ? DOUBLE.width : lineWidth(rate),
      points,
      paths: look.double
        ? [DOUBLE.offset, -DOUBLE.offset].map((offset) => roundedPath(parallel(points, offset)))
        : [roundedPath(points)],
      spine: roundedPath(points),
      head: arrowHead(points),
      mark,
      label,
      labelAt: labelPlace(mark, label, cards),
    };
  });
}

/** The look with its mark in a free place; a pill that fits nowhere becomes the mark alone. */
function marked(look: LineLook, points: readonly Point[], taken: Rect[]): { look: LineLook; mark: Point } {
  if (look.mark === undefined) return { look, mark: middleOf(points) };
  const bare = { ...look, pill: undefined };
  for (const candidate of look.pill === undefined ? [bare] : [look, bare]) {
    const mark = markPlace(points, glyphSize(candidate), taken);
    if (mark === undefined) continue;
    taken.push(around(mark, glyphSize(candidate)));
    return { look: candidate, mark };
  }
  return { look: bare, mark: middleOf(points) };
}

/** Letters of the mono face are 7.3 wide at 12 pixels. */
export const labelSize = (label: string) => ({ width: label.length * 7.3 + 14, height: 22 });

function labelPlace(mark: Point, label: string, cards: readonly Rect[]): Point {
  const size = labelSize(label);
  const beside = size.width / 2 + 12;
  const shifts = [
    [0, 0],
    [0, 38],
    [0, -38],
    [beside, 0],
    [-beside, 0],
  ] as const;
  const places = shifts.map(([dx, dy]) => ({ x: mark.x + dx, y: mark.y + dy }));
  return places.find((place) => cards.every((card) => !overlaps(around(place, size), card))) ?? mark;
}

const glyphSize = ({ pill }: LineLook) =>
  pill === undefined ? GLYPH : { width: SHARE_PILL.widthOf(pillText(pill)), height: SHARE_PILL.height };

/** `3.8 %`, with a narrow space: it stands in a pill. */
export const pillText = (share: number): string => (percent(share, 1) ?? '').replace('\u00a0', '\u2009');

export function lineLabel(line: Line, flowsPerSecond: number): string {
  const ports = [...new Set(line.edges.map(({ protocol, port }) => (port === 0 ? protocol : String(port))))];
  const first = ports.slice(0, 2).join(', ');
  return `${first}${ports.length > 2 ? ` +${ports.length - 2}` : ''} · ${perSecond(flowsPerSecond)}`;
}

/** `57/s`, `0.4/s`; below one in ten seconds per minute. */
export function perSecond(rate: number): string {
  if (rate >= 9.95) return `${Math.round(rate).toLocaleString('en-US')}/s`;
  if (rate === 0) return '0/s';
  if (rate >= 0.095) return `${rate.toFixed(1)}/s`;
  return `${(rate * 60).toFixed(1)}/min`;
}
