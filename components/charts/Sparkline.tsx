import { exact } from '#components/ui/format.ts';
import { areaPath, linePath } from './paths.ts';
import { type ChartTone, FILL, STROKE } from './tones.ts';

/** A series small enough to stand beside its figure. It has no axis, so it says its range by name. */
export function Sparkline({ label, values, before, tone = 'trace', width = 96, height = 28, from = 'zero' }: SparklineProps) {
  if (values.length < 2) return null;
  // A share near 100 % would be a flat line from zero: then the floor is the lowest value, said in the label.
  const floor = from === 'least' ? Math.min(...values) - (Math.max(...values) - Math.min(...values)) * 0.5 : 0;
  const top = Math.max(...values, ...(before ?? []));
  const y = (value: number) => 1.5 + (height - 3) * (1 - (value - floor) / Math.max(top - floor, Number.MIN_VALUE));
  const x = (index: number) => (index / (values.length - 1)) * width;
  const named = `${label}: ${exact(round(Math.min(...values)))} to ${exact(round(Math.max(...values)))}, last ${exact(round(values.at(-1) ?? 0))}`;
  return (
    <span className="relative shrink-0" title={named}>
      <span className="sr-only">{named}</span>
      <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="block overflow-visible">
        <path d={areaPath(values, x, y, height)} className={FILL[tone]} opacity={0.16} />
        {before !== undefined && before.length > 1 && (
          <path
            d={linePath(before, (index) => (index / (before.length - 1)) * width, y)}
            className="stroke-before"
            fill="none"
            strokeWidth="1"
            strokeDasharray="2 2"
          />
        )}
        <path d={linePath(values, x, y)} className={STROKE[tone]} fill="none" strokeWidth="1.4" />
      </svg>
    </span>
  );
}
interface SparklineProps {
  /** What the series is, with its unit. */
  label: string;
  values: readonly number[];
  /** The period compared with: a dashed grey line. */
  before?: readonly number[] | undefined;
  tone?: ChartTone;
  width?: number;
  height?: number;
  /** Where the scale begins: at zero, or just below the least value. */
  from?: 'zero' | 'least';
}

const round = (value: number) => Math.round(value * 1000) / 1000;
