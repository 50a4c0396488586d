'use client';
import '@xyflow/react/dist/base.css';
import {
  Background,
  type Edge,
  type EdgeProps,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { useEffect, useEffectEvent, useMemo, useRef } from 'react';
import { useWidth } from '#components/charts/use-width.ts';
import { CardView, type CardLook } from './CardView.tsx';
import type { DrawnLine } from './drawn-line.ts';
import { LineView, type LineState } from './LineView.tsx';
import type { Card, CanvasModel } from './model.ts';
import type { MapLayout } from './use-layout.ts';
import type { Viewport } from './viewport.ts';

/** The small map: cards and lines as elements, moved by xyflow. */

type CardNode = Node<{ card: Card; look: CardLook }, 'card'>;
type IslandNode = Node<{ namespace: string; dimmed: boolean }, 'island'>;
type LineEdge = Edge<{ drawn: DrawnLine; state: LineState }, 'line'>;

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

function LineEdgeView({ data }: EdgeProps<LineEdge>) {
  if (data === undefined) return null;
  return (
    <>
      <path
        d={data.drawn.spine}
        className="react-flow__edge-interaction cursor-pointer"
        fill="none"
        stroke="transparent"
        strokeWidth={16}
      />
      <g className="pointer-events-none">
        <LineView drawn={data.drawn} state={data.state} />
      </g>
    </>
  );
}

const nodeTypes = { card: CardNodeView, island: IslandNodeView };
const edgeTypes = { line: LineEdgeView };
const FIT = { padding: 0.04, maxZoom: 1 };
/** Where a card's lines are tied for xyflow; the drawn routes have ends of their own. */
const HANDLES = (width: number, height: number) => [
  { type: 'source' as const, position: Position.Right, x: width / 2, y: height / 2, width: 1, height: 1 },
  { type: 'target' as const, position: Position.Left, x: width / 2, y: height / 2, width: 1, height: 1 },
];

export const cardElementId = (cardId: string): string => `map-card-${cardId}`;

export interface MapSurfaceProps {
  readonly model: CanvasModel;
  readonly layout: MapLayout;
  readonly lines: readonly DrawnLine[];
  readonly stateOfLine: (lineId: string) => LineState;
  readonly lookOfCard: (cardId: string) => CardLook;
  readonly onCard: (card: Card) => void;
  readonly onLine: (drawn: DrawnLine) => void;
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
  const [box, width] = useWidth<HTMLDivElement>();
  // The view follows the size of the window and of the map until the person moves it.
  const moved = useRef(false);

  const ready = useEffectEvent(() =>
    onReady({
      zoom: (factor) => {
        moved.current = true;
        void flow.zoomTo(flow.getZoom() * factor, { duration: motion() });
      },
      fit: () => {
        moved.current = false;
        void flow.fitView({ ...FIT, duration: motion() });
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
  useEffect(() => {
    if (!moved.current && width > 0) void flow.fitView(FIT);
  }, [flow, structure, width]);

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
          handles: HANDLES(w, h),
          data: { card, look: lookOfCard(card.id) },
        },
      ];
    });
    return [...islands, ...cards];
  }, [model, layout, lookOfCard]);
  const edges = useMemo<LineEdge[]>(
    () =>
      lines
        .map((drawn) => ({
          id: drawn.line.id,
          source: drawn.line.source,
          target: drawn.line.target,
          type: 'line' as const,
          data: { drawn, state: stateOfLine(drawn.line.id) },
        }))
        // What is marked, hovered or selected is drawn last, over the rest.
        .toSorted((a, b) => rank(a.data) - rank(b.data)),
    [lines, stateOfLine],
  );

  return (
    <div ref={box} className="absolute inset-0">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        zoomOnDoubleClick={false}
        minZoom={0.1}
        maxZoom={2.5}
        fitView
        fitViewOptions={FIT}
        proOptions={{ hideAttribution: true }}
        onMoveStart={(event) => {
          if (event !== null) moved.current = true;
        }}
        onNodeClick={(_event, node) => (node.type === 'card' ? onCard(node.data.card) : onNothing())}
        onNodeDoubleClick={(_event, node) => {
          if (node.type === 'island') onGroup(node.data.namespace);
          else if (node.data.card.folded) onGroup(node.data.card.id);
        }}
        onEdgeClick={(_event, edge) => edge.data && onLine(edge.data.drawn)}
        onEdgeMouseEnter={(_event, edge) => onHover(edge.id)}
        onEdgeMouseLeave={() => onHover(undefined)}
        onPaneClick={onNothing}
      >
        <Background gap={24} size={1} color="var(--line)" />
        {minimap && (
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

const rank = (data: LineEdge['data']): number =>
  data === undefined
    ? 0
    : data.state === 'selected'
      ? 4
      : data.state === 'hovered'
        ? 3
        : data.drawn.look.mark !== undefined
          ? 2
          : data.drawn.look.loud
            ? 1
            : 0;

/** Milliseconds of a movement of the view; none for those who asked for none. */
const motion = (): number => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120);
