'use client';
import { type PointerEvent, useState } from 'react';
import { clock, exact, humanised, utc } from '#components/ui/format.ts';
import { ChartTable } from './ChartTable.tsx';
import { LostHatch, type Marker, MarkerLines } from './Furniture.tsx';
import { areaPath, linePath } from './paths.ts';
import { timeTicks, valueAxis } from './scale.ts';
import { type ChartTone, FILL, STROKE } from './tones.ts';
import { useWidth } from './use-width.ts';

/** One line of a chart. An `inner` series is part of the one before it and drawn darker inside. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  readonly tone: ChartTone;
  readonly kind?: 'area' | 'inner' | 'line' | 'bars';
}

const LEFT = 44;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 22;

/**
 * Series over time with axes and units. The period compared with is a dashed grey line, buckets with lost events are hatched, markers
 * are dotted lines with a name, a threshold is a line with its value. Pointer or arrow keys read one bucket; a table twin holds all.
 */
export function AreaSeries({
  title,
  unit,
  times,
  stepMs,
  series,
  before,
  lost,
  markers = [],
  threshold,
  height = 220,
}: AreaSeriesProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number>();
  const plot = { width: Math.max(0, width - LEFT - RIGHT), height: height - TOP - BOTTOM };
  const step = plot.width / Math.max(1, times.length);
  const last = Math.max(0, times.length - 1);
  const x = (index: number) => (index + 0.5) * step;
  const from = times[0] ?? 0;
  const to = from + times.length * stepMs;
  const xOfTime = (time: number) => ((time - from) / (to - from)) * plot.width;
  const inside = markers.filter((marker) => marker.at >= from && marker.at <= to);
  const axis = valueAxis(
    [...series.flatMap(({ values }) => values), ...(before?.values ?? []), ...(threshold ? [threshold.value] : [])],
    plot.height,
  );
  const columns = [
    'Time, UTC',
    ...series.map(({ name }) => name),
    ...(before ? [before.name] : []),
    ...(lost ? ['events lost'] : []),
  ];
  const row = (index: number) => [
    clock(times[index] ?? 0),
    ...series.map(({ values }) => inWords(values[index])),
    ...(before ? [inWords(before.values[index])] : []),
    ...(lost ? [exact(lost[index] ?? 0)] : []),
  ];

  const onMove = (event: PointerEvent<SVGSVGElement>) => {
    const left = event.currentTarget.getBoundingClientRect().left + LEFT;
    const index = Math.floor((event.clientX - left) / step);
    setAt(index >= 0 && index < times.length ? index : undefined);
  };
  const read = (index: number) => columns.slice(1).map((column, place) => `${column} ${row(index)[place + 1]}`);

  return (
    <figure className="relative min-w-0" ref={ref}>
      <figcaption className="sr-only">
        {title}, {unit}
      </figcaption>
      <div className="rounded-sm has-focus-visible:shadow-(--ring)">
        {/* A slider moves over the buckets: native, so arrow keys, Home and End work and each reading is spoken. */}
        <input
          type="range"
          className="sr-only"
          aria-label={`${title}: time`}
          aria-valuetext={`${clock(times[at ?? last] ?? 0)} UTC: ${read(at ?? last).join(', ')}`}
          min={0}
          max={last}
          value={at ?? last}
          onChange={(event) => setAt(event.target.valueAsNumber)}
          onBlur={() => setAt(undefined)}
        />
        <svg
          width={width}
          height={height}
          className="block overflow-visible"
          aria-hidden="true"
          onPointerMove={onMove}
          onPointerLeave={() => setAt(undefined)}
        >
          <g transform={`translate(${LEFT} ${TOP})`}>
            {axis.ticks.map((tick) => (
              <g key={tick}>
                <line
                  x1={0}
                  x2={plot.width}
                  y1={axis.y(tick)}
                  y2={axis.y(tick)}
                  className={tick === 0 ? 'stroke-control-line' : 'stroke-grid'}
                />
                <text x={-8} y={axis.y(tick) + 4} textAnchor="end" className="fill-ink-3 text-12">
                  {humanised(tick)}
                </text>
              </g>
            ))}
            {lost !== undefined && <LostHatch lost={lost} x={(index) => index * step} step={step} height={plot.height} />}
            {series.map(({ name, values, tone, kind = 'area' }) =>
              kind === 'bars' ? (
                <g key={name} className={FILL[tone]} opacity={0.7}>
                  {/* What is not known is no bar. */}
                  {values.map((value, index) =>
                    Number.isFinite(value) ? (
                      <rect
                        // oxlint-disable-next-line react/no-array-index-key -- a bucket is its place
                        key={index}
                        x={index * step + Math.min(1, step * 0.15)}
                        width={Math.max(0.5, step - Math.min(2, step * 0.3))}
                        y={axis.y(value)}
                        height={plot.height - axis.y(value)}
                      />
                    ) : null,
                  )}
                </g>
              ) : (
                <g key={name}>
                  {kind !== 'line' && (
                    <path d={areaPath(values, x, axis.y)} className={FILL[tone]} opacity={kind === 'inner' ? 0.22 : 0.14} />
                  )}
                  <path
                    d={linePath(values, x, axis.y)}
                    className={STROKE[tone]}
                    fill="none"
                    strokeWidth={kind === 'inner' ? 1 : 1.6}
                    strokeLinejoin="round"
                  />
                </g>
              ),
            )}
            {before !== undefined && (
              <path
                d={linePath(before.values, x, axis.y)}
                className="stroke-before"
                fill="none"
                strokeWidth="1.2"
                strokeDasharray="3 3"
              />
            )}
            {threshold !== undefined && (
              <g>
                <line x1={0} x2={plot.width} y1={axis.y(threshold.value)} y2={axis.y(threshold.value)} className="stroke-ink-2" />
                <text x={plot.width} y={axis.y(threshold.value) - 4} textAnchor="end" className="fill-ink-2 text-12">
                  {threshold.label}
                </text>
              </g>
            )}
            <MarkerLines markers={inside} x={xOfTime} height={plot.height} />
            {inside.map((marker) => (
              <text
                key={`${marker.at} ${marker.label}`}
                x={xOfTime(marker.at) - 5}
                y={11}
                textAnchor={xOfTime(marker.at) < plot.width / 3 ? 'start' : 'end'}
                dx={xOfTime(marker.at) < plot.width / 3 ? 10 : 0}
                className="fill-ink-2 text-12"
              >
                {clock(marker.at)} {marker.label}
              </text>
            ))}
            {timeTicks(from, to, Math.max(2, Math.floor(plot.width / 96))).map((tick) => (
              <text
                key={tick.at}
                x={xOfTime(tick.at)}
                y={plot.height + 17}
                textAnchor={xOfTime(tick.at) < 16 ? 'start' : xOfTime(tick.at) > plot.width - 16 ? 'end' : 'middle'}
                className="fill-ink-3 text-12"
              >
                {tick.label}
              </text>
            ))}
            {at !== undefined && <line x1={x(at)} x2={x(at)} y1={0} y2={plot.height} className="stroke-accent" />}
          </g>
        </svg>
        {at !== undefined && (
          <output
            className="pointer-events-none absolute top-0 z-10 rounded-sm border border-line-strong bg-surface px-2 py-1.5 text-12"
            style={x(at) > plot.width / 2 ? { right: width - LEFT - x(at) + 10 } : { left: LEFT + x(at) + 10 }}
          >
            <span className="block text-ink-3">{utc(times[at] ?? 0)}</span>
            {columns.slice(1).map((column, index) => (
              <span key={column} className="flex justify-between gap-4">
                <span>{column}</span>
                <span className="num">{row(at)[index + 1]}</span>
              </span>
            ))}
          </output>
        )}
      </div>
      <ChartTable caption={`${title}, ${unit}`} columns={columns} rows={times.map((_time, index) => row(index))} />
    </figure>
  );
}
/** A value of which nothing is known is a hole in the line, and says so in words. */
const inWords = (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? 'unknown' : exact(Math.round(value * 10) / 10);

interface AreaSeriesProps {
  title: string;
  /** What a value is, e.g. `drops per minute`. */
  unit: string;
  /** Start of each bucket, Unix milliseconds. */
  times: readonly number[];
  stepMs: number;
  series: readonly Series[];
  before?: { readonly name: string; readonly values: readonly number[] } | undefined;
  lost?: readonly number[] | undefined;
  markers?: readonly Marker[];
  threshold?: { readonly value: number; readonly label: string };
  height?: number;
}
