'use client';
import { LostHatch } from '#components/charts/Furniture.tsx';
import { linePath } from '#components/charts/paths.ts';
import { valueAxis } from '#components/charts/scale.ts';
import { useWidth } from '#components/charts/use-width.ts';
import { clock, exact, humanised } from '#components/ui/format.ts';

const HEIGHT = 64;
/** Room above the bars for the dashed line. */
const TOP = 4;
/** Width of the figures beside the rows below: the bars end where the rows' series end. */
const RIGHT = 160;
const RIGHT_PHONE = 56;

/** All drops over time as bars, what policy decided darker inside, the window before as a dashed line. Values are per minute. */
export function TotalBars({ times, stepMs, values, policy, before, lost }: TotalBarsProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const right = width < 480 ? RIGHT_PHONE : RIGHT;
  const plot = Math.max(0, width - right);
  const step = plot / Math.max(1, times.length);
  const axis = valueAxis([...values, ...(before ?? [])], HEIGHT - TOP, 6);
  const y = (value: number) => axis.y(value) + TOP;
  const gap = step > 3 ? Math.min(2, step * 0.2) : 0;
  return (
    <div ref={ref} className="min-w-0" aria-hidden="true">
      <svg width={width} height={HEIGHT} className="block overflow-visible">
        <line x1={0} x2={plot} y1={y(axis.max)} y2={y(axis.max)} className="stroke-grid" />
        {lost.some((count) => count > 0) && <LostHatch lost={lost} x={(index) => index * step} step={step} height={HEIGHT} />}
        {values.map(
          (value, index) =>
            Number.isFinite(value) && (
              <g key={times[index] ?? index}>
                <rect
                  x={index * step}
                  width={Math.max(0.5, step - gap)}
                  y={y(value)}
                  height={HEIGHT - y(value)}
                  className="fill-trace-fill"
                  opacity={0.55}
                />
                <rect
                  x={index * step}
                  width={Math.max(0.5, step - gap)}
                  y={y(policy[index] ?? 0)}
                  height={HEIGHT - y(policy[index] ?? 0)}
                  className="fill-drop-fill"
                  opacity={0.8}
                />
                <rect x={index * step} width={step} y={0} height={HEIGHT} fill="transparent">
                  <title>{barTitle(times[index] ?? 0, stepMs, value, policy[index] ?? 0, before?.[index])}</title>
                </rect>
              </g>
            ),
        )}
        {before && (
          <path
            d={linePath(before, (index) => (index + 0.5) * step, y)}
            fill="none"
            strokeWidth={1.3}
            strokeDasharray="3 2.5"
            className="pointer-events-none stroke-before"
          />
        )}
        <line x1={0} x2={plot} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-control-line" />
        <text x={plot + 8} y={TOP + 8} className="fill-ink-3 text-12">
          {humanised(axis.max)}/min
        </text>
        <text x={plot + 8} y={HEIGHT - 1} className="fill-ink-3 text-12">
          0
        </text>
      </svg>
    </div>
  );
}
interface TotalBarsProps {
  times: readonly number[];
  stepMs: number;
  values: readonly number[];
  /** Of `values`, what policy decided. */
  policy: readonly number[];
  before: readonly number[] | undefined;
  lost: readonly number[];
}

function barTitle(time: number, stepMs: number, value: number, policy: number, before: number | undefined): string {
  const compared = before === undefined ? '' : `, before ${exact(Math.round(before))}/min`;
  return `${clock(time)} to ${clock(time + stepMs)} UTC: ${exact(Math.round(value))}/min, of them ${exact(Math.round(policy))} by policy${compared}`;
}
