'use client';
import { type PointerEvent, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { MapEdge } from '#lib/topology/topology.ts';
import { type Camera, fitCamera, toWorld } from './camera.ts';
import { cardHits } from './card-hits.ts';
import { centre } from './layout.ts';
import type { Card, Line, Point, Rect } from './model.ts';
import type { Overlay, Told } from './overlays.ts';
import { paintMap, readTheme } from './paint.ts';
import { paintPointed } from './paint-pointed.ts';
import { type LineHits, lineHits } from './straight-line.ts';
import type { MapLayout } from './use-layout.ts';
import type { MapSurfaceProps } from './XyMap.tsx';

/**
 * The large map: all of it on one canvas. While the view moves, the picture made last is drawn shifted and scaled; 100 ms after it stands
 * still it is painted anew, crisp. Labels come above a zoom at which they can be read. What is pointed at or selected is painted over it.
 */

const SETTLE_MS = 100;
/** How far from a line a pointer may be, in CSS pixels. */
const REACH = { mouse: 6, touch: 14 };

interface CanvasMapProps extends MapSurfaceProps {
  readonly overlay: Overlay;
  /** Changes with what is selected, found or walked to, not with counts. */
  readonly emphasis: string;
  readonly changeOf: ((edge: MapEdge) => Told | undefined) | undefined;
  /** Unix milliseconds that the counts are of. */
  readonly window: { readonly from: number; readonly to: number };
}

export function CanvasMap({
  model,
  layout,
  stateOfLine,
  lookOfCard,
  onCard,
  onLine,
  onGroup,
  onHover,
  onNothing,
  onReady,
  overlay,
  emphasis,
  changeOf,
  window: counted,
}: CanvasMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera>({ x: 0, y: 0, zoom: 1 });
  const picture = useRef<{ bitmap: HTMLCanvasElement; camera: Camera }>(undefined);
  const moved = useRef(false);
  const frame = useRef(0);
  const lastPaint = useRef({ at: 0, took: 0 });
  const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
  const drag = useRef<{ at: Point; far: boolean }>(undefined);
  const [over, setOver] = useState<Target>();
  const cards = useMemo(() => cardHits(layout.map.cards), [layout]);
  // Made when the pointer first comes, from the lines of this layout: counts move no line.
  const lines = useRef<{ layout: MapLayout; hits: LineHits }>(undefined);
  const scene = { model, layout: layout.map, overlay, changeOf, stateOfLine, lookOfCard };

  const draw = useEffectEvent((crisp: boolean) => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const ratio = window.devicePixelRatio || 1;
    if (crisp || picture.current === undefined) {
      const bitmap = picture.current?.bitmap ?? document.createElement('canvas');
      bitmap.width = element.width;
      bitmap.height = element.height;
      const paint = bitmap.getContext('2d');
      if (!paint) return;
      const begun = performance.now();
      paintMap(paint, { ...scene, ratio }, camera.current, { width: element.width, height: element.height }, readTheme(element));
      lastPaint.current = { at: performance.now(), took: performance.now() - begun };
      picture.current = { bitmap, camera: { ...camera.current } };
    }
    const { bitmap, camera: taken } = picture.current;
    const scale = camera.current.zoom / taken.zoom;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    context.setTransform(
      scale,
      0,
      0,
      scale,
      (camera.current.x - taken.x * scale) * ratio,
      (camera.current.y - taken.y * scale) * ratio,
    );
    context.drawImage(bitmap, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const pointed = { ...scene, card: over?.card, window: counted };
    paintPointed(context, pointed, camera.current, readTheme(element));
  });
  const moveTo = useEffectEvent((next: Camera) => {
    camera.current = next;
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => draw(false));
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      settle.current = undefined;
      draw(true);
    }, SETTLE_MS);
  });
  const zoomAt = useEffectEvent((factor: number, at: Point) => {
    moved.current = true;
    const { x, y, zoom } = camera.current;
    const next = Math.min(Math.max(zoom * factor, 0.02), 3);
    const scale = next / zoom;
    moveTo({ zoom: next, x: at.x - (at.x - x) * scale, y: at.y - (at.y - y) * scale });
  });
  const fit = useEffectEvent(() => {
    const element = canvas.current;
    if (element) moveTo(fitCamera(layout.map.bounds, element.clientWidth, element.clientHeight));
  });
  const show = useEffectEvent((rect: Rect) => {
    const element = canvas.current;
    if (!element) return;
    const { x, y, zoom } = camera.current;
    const [left, top] = [rect.x * zoom + x, rect.y * zoom + y];
    const inside =
      left >= 0 &&
      top >= 0 &&
      left + rect.width * zoom <= element.clientWidth &&
      top + rect.height * zoom <= element.clientHeight;
    if (inside) return;
    const { x: cx, y: cy } = centre(rect);
    moveTo({ zoom, x: element.clientWidth / 2 - cx * zoom, y: element.clientHeight / 2 - cy * zoom });
  });
  const ready = useEffectEvent(() =>
    onReady({
      zoom: (factor) => zoomAt(factor, middle(canvas.current)),
      fit: () => {
        moved.current = false;
        fit();
      },
      show: (rect) => show(rect),
    }),
  );

  // Size of the canvas in device pixels; the first picture fits the map.
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      const ratio = window.devicePixelRatio || 1;
      element.width = Math.round(element.clientWidth * ratio);
      element.height = Math.round(element.clientHeight * ratio);
      if (!moved.current) fit();
      draw(true);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    ready();
    return () => {
      cancelAnimationFrame(frame.current);
      clearTimeout(settle.current);
    };
  }, []);
  const { structure } = layout;
  useEffect(() => {
    if (!moved.current) fit();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another structure is another map to fit
  }, [structure]);
  // What a person asked for is painted at once, what only is pointed at without the rest.
  // oxlint-disable-next-line react/exhaustive-effect-dependencies -- they are what the picture shows
  useEffect(() => draw(true), [layout, overlay, emphasis]);
  // oxlint-disable-next-line react/exhaustive-effect-dependencies -- as above
  useEffect(() => draw(false), [over?.card, stateOfLine]);
  // Counts change each second: they are painted when the view stands still, and as seldom as keeps painting below a twentieth of the time.
  useEffect(() => {
    const { at, took } = lastPaint.current;
    const wait = Math.max(0, at + took * 20 - performance.now());
    const timer = setTimeout(() => {
      if (drag.current === undefined && settle.current === undefined) draw(true);
    }, wait);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- they are what the picture shows
  }, [model, changeOf]);
  useEffect(() => {
    const observer = new MutationObserver(() => draw(true));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current;
    // React's wheel listeners are passive: this one keeps the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : { left: 0, top: 0 };
      zoomAt(2 ** (-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), {
        x: event.clientX - box.left,
        y: event.clientY - box.top,
      });
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);

  /** A card before a line that runs under it. */
  const targetAt = (event: Pointing): Target => {
    const box = event.currentTarget.getBoundingClientRect();
    const point = toWorld({ x: event.clientX - box.left, y: event.clientY - box.top }, camera.current);
    const id = cards.at(point);
    const card = id === undefined ? undefined : model.cards.get(id);
    if (card !== undefined) return { card };
    if (lines.current?.layout !== layout) lines.current = { layout, hits: lineHits(model.lines, layout.map) };
    const reach = (event.pointerType === 'touch' ? REACH.touch : REACH.mouse) / camera.current.zoom;
    const lineId = lines.current.hits.at(point, reach);
    const line = lineId === undefined ? undefined : model.lines.find((candidate) => candidate.id === lineId);
    return line === undefined ? {} : { line };
  };
  const pointAt = (target: Target) => {
    if (target.card?.id === over?.card?.id && target.line?.id === over?.line?.id) return;
    setOver(target);
    onHover(target.line?.id);
  };
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = drag.current;
    if (from === undefined) {
      if (event.pointerType === 'mouse') pointAt(targetAt(event));
      return;
    }
    const [dx, dy] = [event.clientX - from.at.x, event.clientY - from.at.y];
    if (!from.far && Math.hypot(dx, dy) < 4) return;
    moved.current = true;
    drag.current = { at: { x: event.clientX, y: event.clientY }, far: true };
    moveTo({ ...camera.current, x: camera.current.x + dx, y: camera.current.y + dy });
  };

  return (
    <canvas
      ref={canvas}
      aria-hidden="true"
      className={`absolute inset-0 size-full touch-none ${over?.card || over?.line ? 'cursor-pointer' : 'cursor-grab active:cursor-grabbing'}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { at: { x: event.clientX, y: event.clientY }, far: false };
      }}
      onPointerMove={onPointerMove}
      onPointerUp={(event) => {
        const wasDrag = drag.current?.far === true;
        drag.current = undefined;
        if (wasDrag) return;
        const { card, line } = targetAt(event);
        if (card) onCard(card);
        else if (line) onLine(line);
        else onNothing();
      }}
      onPointerLeave={() => pointAt({})}
      onPointerCancel={() => {
        drag.current = undefined;
      }}
      onDoubleClick={(event) => {
        const { clientX, clientY, currentTarget } = event;
        const { card } = targetAt({ clientX, clientY, currentTarget, pointerType: 'mouse' });
        const group = card && (card.folded ? card.id : card.namespace);
        if (group) onGroup(group);
      }}
    />
  );
}

/** What lies under the pointer. */
interface Target {
  readonly card?: Card;
  readonly line?: Line;
}
interface Pointing {
  readonly clientX: number;
  readonly clientY: number;
  readonly pointerType: string;
  readonly currentTarget: Element;
}

const middle = (element: HTMLElement | null): Point => ({
  x: (element?.clientWidth ?? 0) / 2,
  y: (element?.clientHeight ?? 0) / 2,
});
