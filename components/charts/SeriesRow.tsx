'use client';
import { LostHatch, type Marker, MarkerLines } from './Furniture.tsx';
import { areaPath, linePath } from './paths.ts';
import { timeTicks, valueAxis } from './scale.ts';
import { type ChartTone, FILL, STROKE } from './tones.ts';
import { useWidth } from './use-width.ts';

/** One series as a row of a list, on the time axis it shares with its neighbours and a scale of its own. Figures stand beside it. */
export function SeriesRow({ times, values, stepMs, tone = 'trace', lost, markers = [], height = 26 }: SeriesRowProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const step = width / Math.max(1, times.length);
  const x = (index: number) => (index + 0.5) * step;
  const axis = valueAxis(values, height - 5, 2);
  const y = (value: number) => axis.y(value) + 4;
  const start = times[0] ?? 0;
  return (
    <div ref={ref} className="min-w-0" aria-hidden="true">
      <svg width={width} height={height} className="block">
        {lost !== undefined && <LostHatch lost={lost} x={(index) => index * step} step={step} height={height} />}
        <path d={areaPath(values, x, y)} className={FILL[tone]} opacity={0.16} />
        <path d={linePath(values, x, y)} className={STROKE[tone]} fill="none" strokeWidth="1.3" />
        <MarkerLines markers={markers} x={(at) => ((at - start) / stepMs) * step} height={height} />
      </svg>
    </div>
  );
}
interface SeriesRowProps {
  times: readonly number[];
  values: readonly number[];
  stepMs: number;
  tone?: ChartTone;
  lost?: readonly number[];
  markers?: readonly Marker[];
  height?: number;
}

/** The time axis below a column of rows. */
export function TimeAxis({ from, to }: { from: number; to: number }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(width / 84)));
  return (
    <div ref={ref} className="min-w-0" aria-hidden="true">
      <svg width={width} height={18} className="block overflow-visible">
        {ticks.map(({ at, label }) => {
          const x = ((at - from) / (to - from)) * width;
          return (
            <text
              key={at}
              x={x}
              y={13}
              textAnchor={x < 16 ? 'start' : x > width - 16 ? 'end' : 'middle'}
              className="fill-ink-3 text-12"
            >
              {label}
            </text>
          );
        })}
      </svg>
    </div>
  );
}
