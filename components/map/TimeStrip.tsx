'use client';
import { Pause, Play } from 'lucide-react';
import { type PointerEvent, useEffect, useEffectEvent, useState } from 'react';
import type { Timeline } from '#lib/api/timeline.ts';
import { ChartTable } from '#components/charts/ChartTable.tsx';
import { timeTicks } from '#components/charts/scale.ts';
import { useWidth } from '#components/charts/use-width.ts';
import type { Console } from '#components/live/use-console.ts';
import { useNow } from '#components/live/use-now.ts';
import { Button } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { clock, exact } from '#components/ui/format.ts';
import { comparable, draggedWindow, MINUTE, moved, stripOf, type TimeWindow } from './time-window.ts';
import { knownSince } from './history.ts';
import { useHistory } from './use-history.ts';
import type { MapState } from './use-map-state.ts';

const HEIGHT = 26;
/** How long one minute lasts while the past is played. */
const PLAY_MS = 1200;

/** The last three hours, or as much as there is, by the minute: drag to choose a window, play it, compare it with another. */
export function TimeStrip({ view, state, shown }: { view: Console; state: MapState; shown: TimeWindow }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const now = useNow();
  const data = useHistory(view);
  const [playing, setPlaying] = useState(false);
  const [drag, setDrag] = useState<{ readonly start: number; readonly end: number }>();
  const to = Math.max(data?.to ?? 0, now, shown.to);
  const since = data && knownSince(data);
  const bounds = stripOf(to, since);
  const length = bounds.to - bounds.from;
  const x = (time: number) => ((time - bounds.from) / length) * width;
  const timeAt = (event: PointerEvent<HTMLElement>) =>
    bounds.from + ((event.clientX - event.currentTarget.getBoundingClientRect().left) / Math.max(width, 1)) * length;
  const choose = ({ from, to: end }: TimeWindow) => void view.setWindow(from, end);

  const advance = useEffectEvent(() => {
    const next = moved(shown, MINUTE, bounds);
    if (next.to + MINUTE > bounds.to) {
      setPlaying(false);
      void view.backToLive();
    } else choose(next);
  });
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => advance(), PLAY_MS);
    return () => clearInterval(timer);
  }, [playing]);

  if (view.capture !== null) return null;
  // The last stretch belongs to the word UTC.
  const ticks = timeTicks(bounds.from, bounds.to, Math.max(2, Math.floor(width / 220))).filter(({ at }) => x(at) < width - 64);
  const dragged = drag && draggedWindow(drag.start, drag.end, bounds);
  const brush = dragged ?? shown;
  return (
    <div className="flex h-15 shrink-0 items-center gap-3 border-t border-line bg-surface px-3 md:px-4">
      <Button
        look="quiet"
        size="icon"
        aria-label={playing ? 'Stop playing' : 'Play from the window on'}
        onClick={() => {
          if (!playing && !view.past) choose(moved(shown, -30 * MINUTE, bounds));
          setPlaying(!playing);
        }}
      >
        {playing ? <Pause size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
      </Button>
      <div ref={box} className="relative h-11 min-w-0 flex-1">
        {/* The strip is for the pointer; keys move the brushes below. */}
        <div
          className="absolute inset-x-0 top-0 cursor-crosshair touch-none"
          style={{ height: HEIGHT }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            setDrag({ start: timeAt(event), end: timeAt(event) });
          }}
          onPointerMove={(event) => drag && setDrag({ ...drag, end: timeAt(event) })}
          onPointerUp={() => {
            if (dragged) choose(dragged);
            setDrag(undefined);
          }}
          onPointerCancel={() => setDrag(undefined)}
        >
          <Bars data={data} x={x} bounds={bounds} width={width} />
          {state.compare && (
            <Brush window={state.compare} bounds={bounds} x={x} label="Time compared with" onMove={state.setCompare} dashed />
          )}
          <Brush window={brush} bounds={bounds} x={x} label="Window shown" onMove={choose} />
        </div>
        <svg width={width} height={16} className="absolute bottom-0 overflow-visible" aria-hidden="true">
          {ticks.map(({ at, label }) => (
            <text key={at} x={x(at)} y={12} textAnchor={x(at) < 20 ? 'start' : 'middle'} className="fill-ink-3 font-mono text-12">
              {label}
            </text>
          ))}
          <text x={width} y={12} textAnchor="end" className="fill-ink-3 text-12 max-md:hidden">
            UTC
          </text>
        </svg>
        {data && (
          <ChartTable
            caption="Flows and drops by the minute, last 3 h"
            columns={['Time, UTC', 'flows', 'drops']}
            rows={data.times.map((time, index) => [clock(time), exact(data.flows[index] ?? 0), exact(data.drops[index] ?? 0)])}
          />
        )}
      </div>
      {view.past && (
        <Button
          onClick={() => {
            setPlaying(false);
            void view.backToLive();
          }}
        >
          Back to live
        </Button>
      )}
      <Button
        aria-pressed={state.compare !== undefined}
        className={state.compare ? 'bg-accent-tint text-accent-text' : ''}
        onClick={() => state.setCompare(state.compare ? null : comparable(shown, { from: since ?? bounds.from, to }))}
      >
        Compare
      </Button>
    </div>
  );
}

/** Flows in grey; drops in front of them on the same scale, at least one pixel where there is any. */
function Bars({
  data,
  x,
  bounds,
  width,
}: {
  data: Timeline | undefined;
  x: (time: number) => number;
  bounds: TimeWindow;
  width: number;
}) {
  if (!data) return null;
  const most = Math.max(1, ...data.flows);
  const step = (data.stepMs / (bounds.to - bounds.from)) * width;
  return (
    <svg width={width} height={HEIGHT} className="block" aria-hidden="true">
      {data.times.map((time, index) => {
        if (time < bounds.from) return null;
        const flows = ((data.flows[index] ?? 0) / most) * HEIGHT;
        const dropped = data.drops[index] ?? 0;
        const drops = dropped > 0 ? Math.max(1.5, (dropped / most) * HEIGHT) : 0;
        const bar = { x: x(time), width: Math.max(0.6, step - 1) };
        return (
          <g key={time}>
            {(data.lost[index] ?? 0) > 0 && <rect {...bar} y={0} height={HEIGHT} className="fill-lost" opacity={0.5} />}
            <rect {...bar} y={HEIGHT - flows} height={flows} className="fill-line-strong" />
            {drops > 0 && <rect {...bar} y={HEIGHT - drops} height={drops} className="fill-drop-fill" />}
          </g>
        );
      })}
    </svg>
  );
}

interface BrushProps {
  readonly window: TimeWindow;
  readonly bounds: TimeWindow;
  readonly x: (time: number) => number;
  readonly label: string;
  readonly onMove: (next: TimeWindow) => void;
  readonly dashed?: boolean;
}

/** A chosen window. It is drawn for the eye; a range input of minutes carries it for keys and screen readers. */
function Brush({ window, bounds, x, label, onMove, dashed = false }: BrushProps) {
  const left = Math.max(0, x(window.from));
  const text = `${clock(window.from)} to ${clock(window.to)} UTC`;
  const minute = Math.round((window.from - bounds.from) / MINUTE);
  return (
    <span
      title={`${label}: ${text}`}
      className={cx(
        'pointer-events-none absolute inset-y-0 has-focus-visible:shadow-(--ring)',
        dashed ? 'border border-dashed border-ink-2' : 'border-x-2 border-accent bg-accent/15',
      )}
      style={{ left, width: Math.max(4, x(window.to) - left) }}
    >
      <input
        type="range"
        className="sr-only"
        aria-label={label}
        aria-valuetext={text}
        min={0}
        max={Math.round((bounds.to - bounds.from) / MINUTE)}
        value={Math.max(0, minute)}
        onChange={(event) => onMove(moved(window, (event.target.valueAsNumber - minute) * MINUTE, bounds))}
      />
    </span>
  );
}
