'use client';
import '@xyflow/react/dist/base.css';
import {
  Background,
  MiniMap,
  type Node,
  type NodeProps,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  ViewportPortal,
} from '@xyflow/react';
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { fitCamera } from './camera.ts';
import { CardView, type CardLook } from './CardView.tsx';
import type { DrawnLine } from './drawn-line.ts';
import { LineView, type LineState } from './LineView.tsx';
import type { Card, CanvasModel, Line, Rect } from './model.ts';
import type { MapLayout } from './use-layout.ts';
import type { Viewport } from './viewport.ts';

/** The small map: cards and lines as elements, moved by xyflow. */

type CardNode = Node<{ card: Card; look: CardLook }, 'card'>;
type IslandNode = Node<{ namespace: string; dimmed: boolean }, 'island'>;

function CardNodeView({ id, data }: NodeProps<CardNode>) {
  return (
    <div id={cardElementId(id)} className="size-full cursor-pointer">
      <CardView card={data.card} look={data.look} />
    </div>
  );
}

function IslandNodeView({ data }: NodeProps<IslandNode>) {
  return (
    <div className="size-full rounded-lg border border-hull-line bg-hull">
      <span className="block truncate px-3 pt-1.5 text-13 font-label text-ink-2" title={`${data.namespace} · double click folds`}>
        {data.namespace}
      </span>
    </div>
  );
}

/**
 * All lines in one drawing that moves with the view. xyflow's own edges would each be an element tree tied to handles on the cards; these
 * routes have ends of their own.
 */
function Lines({ lines, bounds, stateOfLine, onLine, onHover }: LinesProps) {
  const drawn = lines
    .map((line) => ({ line, state: stateOfLine(line.line.id) }))
    // What is marked, hovered or selected is drawn last, over the rest.
    .toSorted((a, b) => rank(a.line, a.state) - rank(b.line, b.state));
  const margin = 80;
  const box = {
    x: bounds.x - margin,
    y: bounds.y - margin,
    width: bounds.width + 2 * margin,
    height: bounds.height + 2 * margin,
  };
  return (
    <svg
      aria-hidden="true"
      className="pointer-events-none absolute overflow-visible"
      style={{ left: box.x, top: box.y }}
      width={box.width}
      height={box.height}
      viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
    >
      {drawn.map(({ line, state }) => (
        <LineView key={line.line.id} drawn={line} state={state} />
      ))}
      {/*
       * What is hit stands still: were it sorted with what is drawn, it would be taken out and put back as the pointer comes, and a quick
       * click or a tap would miss. Wide enough for a finger; keys reach lines through the walk.
       */}
      {lines.map((line) => (
        <path
          key={line.line.id}
          data-line={line.line.id}
          d={line.spine}
          className="pointer-events-auto cursor-pointer"
          fill="none"
          stroke="transparent"
          strokeWidth={14}
          onClick={() => onLine(line.line)}
          onPointerEnter={() => onHover(line.line.id)}
          onPointerLeave={() => onHover(undefined)}
        />
      ))}
    </svg>
  );
}
interface LinesProps extends Pick<MapSurfaceProps, 'lines' | 'stateOfLine' | 'onLine' | 'onHover'> {
  readonly bounds: Rect;
}

const rank = ({ look }: DrawnLine, state: LineState): number =>
  state === 'selected' ? 4 : state === 'hovered' ? 3 : look.mark !== undefined ? 2 : look.loud ? 1 : 0;

const nodeTypes = { card: CardNodeView, island: IslandNodeView };
export const cardElementId = (cardId: string): string => `map-card-${cardId}`;

export interface MapSurfaceProps {
  readonly model: CanvasModel;
  readonly layout: MapLayout;
  readonly lines: readonly DrawnLine[];
  readonly stateOfLine: (lineId: string) => LineState;
  readonly lookOfCard: (cardId: string) => CardLook;
  readonly onCard: (card: Card) => void;
  readonly onLine: (line: Line) => void;
  readonly onGroup: (group: string) => void;
  readonly onHover: (lineId: string | undefined) => void;
  readonly onNothing: () => void;
  /** Given the handle by which buttons and keys move the view. */
  readonly onReady: (viewport: Viewport) => void;
  readonly minimap: boolean;
}

export function XyMap(props: MapSurfaceProps) {
  return (
    <ReactFlowProvider>
      <Surface {...props} />
    </ReactFlowProvider>
  );
}

function Surface({
  model,
  layout,
  lines,
  stateOfLine,
  lookOfCard,
  onCard,
  onLine,
  onGroup,
  onHover,
  onNothing,
  onReady,
  minimap,
}: MapSurfaceProps) {
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  // The view follows the size of the window and of the map until the person moves it.
  const [moved, setMoved] = useState(false);
  const fit = useEffectEvent((duration: number) => {
    const { clientWidth, clientHeight } = box.current ?? { clientWidth: 0, clientHeight: 0 };
    if (clientWidth > 0) void flow.setViewport(fitCamera(layout.map.bounds, clientWidth, clientHeight), { duration });
  });
  const follow = useEffectEvent(() => {
    if (!moved) fit(0);
  });

  const ready = useEffectEvent(() =>
    onReady({
      zoom: (factor) => {
        setMoved(true);
        void flow.zoomTo(flow.getZoom() * factor, { duration: motion() });
      },
      fit: () => {
        setMoved(false);
        fit(motion());
      },
      show: (rect) => {
        const { x, y, zoom } = flow.getViewport();
        const element = box.current;
        if (!element) return;
        const [left, top] = [rect.x * zoom + x, rect.y * zoom + y];
        const inside =
          left >= 0 &&
          top >= 0 &&
          left + rect.width * zoom <= element.clientWidth &&
          top + rect.height * zoom <= element.clientHeight;
        if (!inside) void flow.setCenter(rect.x + rect.width / 2, rect.y + rect.height / 2, { zoom, duration: motion() });
      },
    }),
  );
  useEffect(() => ready(), []);
  const { structure } = layout;
  useLayoutEffect(() => {
    follow();
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => follow());
    observer.observe(element);
    return () => observer.disconnect();
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another structure is another map to fit
  }, [structure]);

  const nodes = useMemo<(CardNode | IslandNode)[]>(() => {
    const islands = [...layout.map.islands].flatMap(([namespace, rect]) =>
      model.islands.some((island) => island.namespace === namespace)
        ? [
            {
              id: `island ${namespace}`,
              type: 'island' as const,
              position: { x: rect.x, y: rect.y },
              width: rect.width,
              height: rect.height,
              zIndex: -1,
              data: { namespace, dimmed: false },
            },
          ]
        : [],
    );
    const cards = [...model.cards.values()].flatMap((card) => {
      const rect = layout.map.cards.get(card.id);
      if (rect === undefined) return [];
      const { x, y, width: w, height: h } = rect;
      return [
        {
          id: card.id,
          type: 'card' as const,
          position: { x, y },
          width: w,
          height: h,

          data: { card, look: lookOfCard(card.id) },
        },
      ];
    });
    return [...islands, ...cards];
  }, [model, layout, lookOfCard]);
  return (
    <div ref={box} className="absolute inset-0">
      <ReactFlow
        nodes={nodes}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        minZoom={0.1}
        maxZoom={2.5}
        proOptions={{ hideAttribution: true }}
        onInit={() => follow()}
        onMove={(event) => {
          if (event !== null) setMoved(true);
        }}
        onNodeClick={(_event, node) => (node.type === 'card' ? onCard(node.data.card) : onNothing())}
        onNodeDoubleClick={(_event, node) => {
          if (node.type === 'island') onGroup(node.data.namespace);
          else if (node.data.card.folded) onGroup(node.data.card.id);
        }}
        onPaneClick={onNothing}
      >
        <Background gap={24} size={1} color="var(--line)" />
        <ViewportPortal>
          <Lines lines={lines} bounds={layout.map.bounds} stateOfLine={stateOfLine} onLine={onLine} onHover={onHover} />
        </ViewportPortal>
        {/* Only when not all is in sight: it would lie over what it shows. */}
        {minimap && moved && (
          <MiniMap
            pannable
            ariaLabel="Overview of the map"
            className="!bottom-16 !m-3 rounded-md border border-line-strong"
            bgColor="var(--surface)"
            maskColor="color-mix(in oklch, var(--sunken) 70%, transparent)"
            nodeColor={(node) => (node.type === 'island' ? 'var(--hull-line)' : 'var(--ink-3)')}
            nodeBorderRadius={4}
          />
        )}
      </ReactFlow>
    </div>
  );
}

/** Milliseconds of a movement of the view; none for those who asked for none. */
const motion = (): number => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120);
