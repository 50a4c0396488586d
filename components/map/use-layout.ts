'use client';
import { useEffect, useMemo, useRef, useState } from 'react';
import { CARD_LIMIT } from './fold.ts';
import { layoutInput } from './layout-input.ts';
import { NO_PLACES, type PlacedMap, type Places } from './layout.ts';
import type { CanvasModel } from './model.ts';
import { type LayoutAnswer, type LayoutRequest, placeAndRoute } from './place-and-route.ts';
import { forgetPlaces, loadPlaces, savePlaces } from './places-store.ts';
import type { Routes } from './routing.ts';

/** Lines beyond which they run straight, on a canvas. */
const LINE_LIMIT = 400;

export interface MapLayout {
  readonly map: PlacedMap;
  readonly routes: Routes;
  /** Changes when cards stand elsewhere or others are there: a reason to fit the view again. */
  readonly structure: string;
}

/** Whether a model is drawn as cards (xyflow) or on a canvas. */
export const drawsOnCanvas = (model: CanvasModel): boolean => model.cards.size > CARD_LIMIT || model.lines.length > LINE_LIMIT;

/**
 * The layout of a model, computed in a worker when its cards or lines change; counts alone change nothing. The layout before stays until
 * the next one is there.
 */
export function useLayout(
  model: CanvasModel | undefined,
  cluster: string,
  level: string,
  compact: boolean,
): { layout: MapLayout | undefined; tidy: () => void } {
  const [answer, setAnswer] = useState<LayoutAnswer & { key: string; structure: string }>();
  const [tidied, setTidied] = useState(0);
  const places = useRef<{ key: string; places: Places }>({ key: '', places: NO_PLACES });
  const run = useLayoutWorker();
  const key = `${cluster} ${level}`;
  const request = useStableRequest(model, compact);

  useEffect(() => {
    if (request === undefined) return undefined;
    if (places.current.key !== key) places.current = { key, places: loadPlaces(cluster, level) };
    return run({ ...request.input, places: places.current.places }, (done) => {
      places.current = { key, places: done.map.places };
      savePlaces(cluster, level, done.map.places);
      setAnswer({ ...done, key, structure: `${key} ${tidied} ${request.structure}` });
    });
  }, [run, request, key, cluster, level, tidied]);

  const tidy = () => {
    forgetPlaces(cluster, level);
    places.current = { key, places: NO_PLACES };
    setTidied(tidied + 1);
  };
  return { layout: answer?.key === key ? answer : undefined, tidy };
}

interface Request {
  readonly input: Omit<LayoutRequest, 'id' | 'places'>;
  readonly structure: string;
}

/** What to lay out; the same object as before while only counts have changed. */
function useStableRequest(model: CanvasModel | undefined, compact: boolean): Request | undefined {
  const [kept, setKept] = useState<Request>();
  const next = useMemo(() => model && requestOf(model, compact), [model, compact]);
  if (next !== undefined && (kept === undefined || !sameInput(kept, next))) setKept(next);
  return kept;
}

function requestOf(model: CanvasModel, compact: boolean): Request {
  const { cards, lines } = layoutInput(model, compact);
  const mode = cards.length > CARD_LIMIT ? 'free' : 'grid';
  return {
    input: { cards, lines, mode, routed: !drawsOnCanvas(model), compact },
    structure: `${mode} ${compact} ${[...model.foldedGroups].join(' ')}`,
  };
}

/** Whether two inputs would be laid out alike: the same cards and lines, in the same order. */
const sameInput = (a: Request, b: Request): boolean =>
  a.structure === b.structure &&
  a.input.routed === b.input.routed &&
  a.input.cards.length === b.input.cards.length &&
  a.input.lines.length === b.input.lines.length &&
  a.input.cards.every((card, index) => card.id === b.input.cards[index]?.id && card.width === b.input.cards[index]?.width) &&
  a.input.lines.every((line, index) => line.id === b.input.lines[index]?.id && line.weight === b.input.lines[index]?.weight);

/** A function that runs one layout after another in a worker of this component; it gives back how to lose interest in the answer. */
function useLayoutWorker() {
  const worker = useRef<Worker>(undefined);
  const waiting = useRef(new Map<number, (answer: LayoutAnswer) => void>());
  const next = useRef(0);
  useEffect(
    () => () => {
      worker.current?.terminate();
      worker.current = undefined;
    },
    [],
  );
  return useMemo(
    () => (request: Omit<LayoutRequest, 'id'>, done: (answer: LayoutAnswer) => void) => {
      next.current += 1;
      const id = next.current;
      // Where there are no workers (a test, an old browser) the page computes by itself.
      if (typeof Worker === 'undefined') {
        done(placeAndRoute({ ...request, id }));
        return () => undefined;
      }
      if (worker.current === undefined) {
        worker.current = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
        worker.current.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
          waiting.current.get(data.id)?.(data);
          waiting.current.delete(data.id);
        });
      }
      waiting.current.set(id, done);
      worker.current.postMessage({ ...request, id } satisfies LayoutRequest);
      return () => void waiting.current.delete(id);
    },
    [],
  );
}
