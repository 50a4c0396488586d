'use client';
import dynamic from 'next/dynamic';
import { useMemo, useRef, useState } from 'react';
import type { MapEdge, Topology } from '#lib/topology/topology.ts';
import { visibleText } from '#lib/flow/text.ts';
import type { Console } from '#components/live/use-console.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { Button } from '#components/ui/Button.tsx';
import { CanvasMap } from './CanvasMap.tsx';
import { type CardLook, spokenCard } from './CardView.tsx';
import { drawLines } from './drawn-line.ts';
import { exportMap, type MapExport } from './export.ts';
import type { LineState } from './LineView.tsx';
import { MapCounts, MapLegend } from './MapLegend.tsx';
import { MapHelp } from './MapHelp.tsx';
import { MapTable } from './MapTable.tsx';
import { MapToolbar, ZoomButtons } from './MapToolbar.tsx';
import type { Card, Line } from './model.ts';
import type { Overlay, Told } from './overlays.ts';
import { searchMap } from './search.ts';
import { brightParts, neighbourhood, resolveSelection, selectionOfCard, selectionOfLine } from './selection.ts';
import { SelectionDrawer } from './SelectionDrawer.tsx';
import { toCanvas } from './to-canvas.ts';
import { drawsOnCanvas, useLayout } from './use-layout.ts';
import type { MapState } from './use-map-state.ts';
import { useWalk } from './use-walk.ts';
import type { Viewport } from './viewport.ts';
import { linesOf } from './walk.ts';

// xyflow is half of the page's code and no use before there is something to draw.
const XyMap = dynamic(() => import('./XyMap.tsx').then(({ XyMap: component }) => component), { ssr: false });

interface MapViewProps {
  readonly topology: Topology;
  readonly view: Console;
  readonly state: MapState;
  /** On a phone. */
  readonly compact: boolean;
  readonly onOverlay: (overlay: Overlay) => void;
  readonly changeOf: ((edge: MapEdge) => Told | undefined) | undefined;
  /** A sentence over the canvas: what is shown when it is not now and all. */
  readonly note: React.ReactNode;
}

/** A topology as a map one can read, walk and question. */
export function MapView({ topology, view, state, compact, onOverlay, changeOf, note }: MapViewProps) {
  const picture = useRef<HTMLDivElement>(null);
  const region = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState<Viewport>();
  const [hovered, setHovered] = useState<string>();
  const [help, setHelp] = useState(false);

  const find = useMemo(() => searchMap(state.find, topology), [state.find, topology]);
  const hide = useMemo(() => searchMap(state.hide, topology), [state.hide, topology]);
  const shows = useMemo(() => (hide.ok && !hide.empty ? (edge: MapEdge) => !hide.edge(edge) : undefined), [hide]);
  const whole = useMemo(
    () => toCanvas(topology, { fold: state.choice, platform: state.platform, compact, ...(shows ? { shows } : {}) }),
    [topology, state.choice, state.platform, compact, shows],
  );
  const model = useMemo(
    () =>
      state.focus !== null && whole.cards.has(state.focus)
        ? toCanvas(topology, {
            fold: state.choice,
            platform: state.platform,
            compact,
            ...(shows ? { shows } : {}),
            only: neighbourhood(state.focus, whole.lines),
          })
        : whole,
    [whole, state.focus, topology, state.choice, state.platform, compact, shows],
  );
  const { layout, tidy } = useLayout(model, topology.cluster, compact ? `${topology.level}:phone` : topology.level, compact);
  const selection = useMemo(() => resolveSelection(state.selected, topology, model), [state.selected, topology, model]);
  const bright = useMemo(() => brightParts(selection, model.lines), [selection, model]);
  const onCanvas = drawsOnCanvas(model);
  const lines = useMemo(
    () => (layout && !onCanvas ? drawLines(model, layout, state.overlay, topology, changeOf) : []),
    [model, layout, onCanvas, state.overlay, topology, changeOf],
  );

  const selectCard = (card: Card) => state.select(selectionOfCard(card));
  const selectLine = (line: Line) => state.select(selectionOfLine(line));
  const toggle = (group: string) => {
    // A namespace of the namespace map opens on the workload map, where its workloads are.
    if (topology.level === 'namespace')
      void state.set({ level: 'workload', all: 'folded', open: [group], fold: null, selected: null }, { history: 'push' });
    else state.toggle(group, model.foldedGroups.has(group));
  };
  const clear = () => void state.set({ selected: null, focus: null });
  const walk = useWalk(model, layout, {
    viewport,
    onCard: selectCard,
    onLine: selectLine,
    onGroup: toggle,
    onFocus: (cardId) => void state.set({ focus: state.focus === null ? (cardId ?? null) : null }),
    onClear: clear,
    onHelp: () => setHelp(true),
    onTable: () => void state.set({ view: 'table' }),
    onFind: () => document.querySelector<HTMLInputElement>('input[aria-label="Find on the map"]')?.focus(),
  });

  const searching = find.ok && !find.empty;
  const { cursor, line: steppedLine } = walk;
  const lookOfCard = useMemo(() => {
    const matches = (id: string) => {
      const card = model.cards.get(id);
      return !searching || (card !== undefined && card.nodes.some((node) => find.node(node)));
    };
    return (id: string): CardLook => ({
      selected:
        (selection.kind === 'node' && selection.cards.some((card) => card.id === id)) ||
        (selection.kind === 'group' && selection.card.id === id),
      dimmed: (bright !== undefined && !bright.cards.has(id)) || !matches(id),
      cursor: cursor === id,
    });
  }, [model, searching, find, selection, bright, cursor]);
  const stateOfLine = useMemo(() => {
    const chosen = selection.kind === 'edge' || selection.kind === 'line' ? selection.line?.id : undefined;
    const lineById = new Map(model.lines.map((line) => [line.id, line]));
    return (id: string): LineState => {
      if (id === chosen) return 'selected';
      if (id === hovered || id === steppedLine?.id) return 'hovered';
      if (bright !== undefined && !bright.lines.has(id)) return 'dimmed';
      return searching && !lineById.get(id)?.edges.some((edge) => find.edge(edge)) ? 'dimmed' : 'plain';
    };
  }, [model, selection, hovered, steppedLine, bright, searching, find]);

  const shownEdges = useMemo(
    () => topology.edges.filter((edge) => shows?.(edge) !== false && (!searching || find.edge(edge))),
    [topology, shows, searching, find],
  );
  const hiddenCount = shows ? topology.edges.length - topology.edges.filter(shows).length : 0;
  const problem = !find.ok ? find.problem : !hide.ok ? hide.problem : '';
  const found = searching ? `${shownEdges.length} of ${topology.edges.length} edges` : '';
  const cursorCard = cursor === undefined ? undefined : model.cards.get(cursor);
  const spoken = cursorCard
    ? `${spokenCard(cursorCard, linesOf(cursorCard.id, model.lines).filter(({ source }) => source === cursorCard.id).length, model.lines.filter(({ target }) => target === cursorCard.id).length)}${steppedLine ? `; line ${steppedLine.id.replace('->', ' to ')}, ${steppedLine.style}` : ''}`
    : '';
  const download = (kind: MapExport) => {
    if (picture.current) void exportMap(kind, picture.current, topology);
  };
  const emphasis = [state.selected, state.find, cursor, steppedLine?.id].join('\n');
  const surface = layout && {
    model,
    layout,
    lines,
    stateOfLine,
    lookOfCard,
    onCard: selectCard,
    onLine: selectLine,
    onGroup: toggle,
    onHover: setHovered,
    onNothing: clear,
    onReady: setViewport,
    minimap: model.cards.size > 40,
  };

  return (
    <div className="flex h-full min-h-0 flex-col">
      <MapToolbar
        state={state}
        level={topology.level}
        onOverlay={onOverlay}
        problem={problem}
        found={found}
        onTidy={tidy}
        onExport={download}
        onHelp={() => setHelp(true)}
      />
      {note}
      <div className="relative min-h-0 flex-1 bg-bg">
        {state.view === 'table' ? (
          <MapTable edges={shownEdges} topology={topology} selected={state.selected} onEdge={state.select} />
        ) : (
          <>
            <button
              type="button"
              className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-20 focus:rounded-md focus:bg-surface focus:px-3 focus:py-1"
              onClick={() => void state.set({ view: 'table' })}
            >
              Show the same as a table
            </button>
            {/* oxlint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- an application takes all keys itself (WAI-ARIA) */}
            <div
              ref={region}
              role="application"
              aria-label={`Service map, ${model.cards.size} cards, ${model.lines.length} lines. Arrow keys walk, Enter selects, question mark lists the keys.`}
              aria-roledescription="map"
              tabIndex={0}
              onKeyDown={walk.onKeyDown}
              className="absolute inset-0 outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]"
            >
              <div ref={picture} className="absolute inset-0 bg-bg">
                {surface &&
                  (onCanvas ? (
                    <CanvasMap {...surface} overlay={state.overlay} emphasis={emphasis} changeOf={changeOf} window={topology} />
                  ) : (
                    <XyMap {...surface} />
                  ))}
              </div>
            </div>
            <output className="sr-only" aria-live="polite">
              {visibleText(spoken)}
            </output>
            <ZoomButtons viewport={viewport} />
            {model.cards.size === 0 && (
              <div className="absolute inset-0 flex items-center justify-center">
                <div className="rounded-md border border-line bg-surface">
                  {shows ? (
                    <Empty
                      title="Everything is hidden"
                      action={<Button onClick={() => void state.set({ hide: null })}>Show all</Button>}
                    />
                  ) : (
                    <Empty title="No flows in this window">
                      No traffic was seen between the times shown. A longer time range, or the status of the relay, tells more.
                    </Empty>
                  )}
                </div>
              </div>
            )}
            {state.focus !== null && (
              <div className="absolute top-3 left-3 z-10 flex items-center gap-2 rounded-md border border-line-strong bg-surface px-3 py-1 text-12">
                Neighbourhood of <span className="font-mono">{visibleText(state.focus)}</span>
                <Button look="quiet" size="sm" onClick={() => void state.set({ focus: null })}>
                  Show all
                </Button>
              </div>
            )}
            <div className="@container pointer-events-none absolute inset-x-3 bottom-3 z-10 flex flex-wrap items-end justify-between gap-2 max-md:hidden">
              <MapLegend overlay={state.overlay} />
              <MapCounts
                model={model}
                hidden={hiddenCount}
                showsPlatform={state.platform}
                onPlatform={() => void state.set({ platform: state.platform ? null : true })}
              />
            </div>
          </>
        )}
      </div>
      <SelectionDrawer
        selection={selection}
        topology={topology}
        lines={model.lines}
        view={view}
        onClose={() => {
          state.select(null);
          region.current?.focus({ preventScroll: true });
        }}
        onEdge={state.select}
        onFocus={(cardId) => void state.set({ focus: cardId })}
        onUnfold={(card) => {
          state.select(null);
          toggle(card.id);
        }}
      />
      <MapHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}
