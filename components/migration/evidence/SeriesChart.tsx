'use client';
import { useState } from 'react';
import type { CheckSeries } from '#lib/api/migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { ChartTable } from '#components/charts/ChartTable.tsx';
import { linePath } from '#components/charts/paths.ts';
import { useWidth } from '#components/charts/use-width.ts';
import { clock, day, utc } from '#components/ui/format.ts';
import { shortTime } from '../state-words.ts';
import { figureText, nearAxis, pointRuns } from './series-view.ts';

const LEFT = 56;
const RIGHT = 8;
const TOP = 8;

/** A figure that decides, over time and close by: its axis is cut to the values seen, so that what decides near the threshold can be read. */
export function SeriesChart({ series, needs, now, height = 84 }: SeriesChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number>();
  const { points, threshold, unit } = series;
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return null;
  const plot = { width: Math.max(0, width - LEFT - RIGHT), height: height - TOP - 22 };
  const axis = nearAxis(
    [...points.map(({ value }) => value), ...(threshold === undefined ? [] : [threshold])],
    unit === '%' ? 100 : undefined,
  );
  const y = (value: number) => plot.height * (1 - (value - axis.min) / (axis.max - axis.min));
  const span = Math.max(1, last.at - first.at);
  const x = (index: number) => (((points[index]?.at ?? first.at) - first.at) / span) * plot.width;
  const text = (value: number) => figureText(value, unit, axis.digits);
  const read = points[at ?? points.length - 1] ?? last;
  const title = visibleLine(series.title);
  const nearest = (pixel: number) =>
    points.reduce((best, _point, index) => (Math.abs(x(index) - pixel) < Math.abs(x(best) - pixel) ? index : best), 0);

  return (
    <figure ref={ref} className="relative min-w-0">
      <figcaption className="sr-only">{title}</figcaption>
      <div className="rounded-sm has-focus-visible:shadow-(--ring)">
        <input
          type="range"
          className="sr-only"
          aria-label={`${title}: time`}
          aria-valuetext={`${clock(read.at)} UTC: ${text(read.value)}, ${read.status}`}
          min={0}
          max={points.length - 1}
          value={at ?? points.length - 1}
          onChange={(event) => setAt(event.target.valueAsNumber)}
          onBlur={() => setAt(undefined)}
        />
        <svg
          width={width}
          height={height}
          className="block overflow-visible"
          aria-hidden="true"
          onPointerMove={(event) => setAt(nearest(event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT))}
          onPointerLeave={() => setAt(undefined)}
        >
          <g transform={`translate(${LEFT} ${TOP})`}>
            {[axis.min, axis.max].map((edge) => (
              <g key={edge}>
                <line x1={0} x2={plot.width} y1={y(edge)} y2={y(edge)} className="stroke-grid" />
                <text x={-8} y={y(edge) + 4} textAnchor="end" className="fill-ink-3 text-12">
                  {text(edge)}
                </text>
              </g>
            ))}
            {pointRuns(points).map(({ status, from, to }) => (
              <path
                key={from}
                d={linePath(
                  points.map(({ value }, index) => (index >= from && index <= to ? value : Number.NaN)),
                  x,
                  y,
                )}
                className={
                  status === 'fail' ? 'stroke-drop-fill' : status === 'unknown' ? 'stroke-trace-fill' : 'stroke-fwd-fill'
                }
                strokeDasharray={status === 'unknown' ? '3 3' : undefined}
                fill="none"
                strokeWidth="1.6"
                strokeLinejoin="round"
              />
            ))}
            {threshold !== undefined && (
              <line x1={0} x2={plot.width} y1={y(threshold)} y2={y(threshold)} className="stroke-ink-2" strokeDasharray="4 3" />
            )}
            {last.status === 'fail' && <circle cx={plot.width} cy={y(last.value)} r={3} className="fill-drop-fill" />}
            {at !== undefined && <line x1={x(at)} x2={x(at)} y1={0} y2={plot.height} className="stroke-accent" />}
            <text x={0} y={plot.height + 17} className="fill-ink-3 text-12">
              {`${day(first.at)} ${clock(first.at)}`}
            </text>
            {threshold !== undefined && plot.width > 260 && (
              <text x={plot.width / 2} y={plot.height + 17} textAnchor="middle" className="fill-ink-2 text-12">
                {`dashed: needs ${needs}`}
              </text>
            )}
            <text x={plot.width} y={plot.height + 17} textAnchor="end" className="fill-ink-3 text-12">
              {shortTime(last.at, now) === clock(last.at) ? clock(last.at) : `${day(last.at)} ${clock(last.at)}`}
            </text>
          </g>
        </svg>
        {at !== undefined && (
          <output
            className="pointer-events-none absolute top-0 z-10 rounded-sm border border-line-strong bg-surface px-2 py-1 text-12"
            style={x(at) > plot.width / 2 ? { right: width - LEFT - x(at) + 10 } : { left: LEFT + x(at) + 10 }}
          >
            <span className="block text-ink-3">{utc(read.at)}</span>
            <span className="num">{text(read.value)}</span>, {read.status}
          </output>
        )}
      </div>
      <ChartTable
        caption={`${title}, ${unit === '' ? 'value' : unit}`}
        columns={['Time, UTC', 'Value', 'Says']}
        rows={points.map((point) => [utc(point.at), text(point.value), point.status])}
      />
    </figure>
  );
}
interface SeriesChartProps {
  series: CheckSeries;
  /** The threshold as the check writes it. */
  needs: string;
  /** Unix milliseconds; 0 where the clock is not known yet. */
  now: number;
  height?: number;
}
