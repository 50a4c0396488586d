import { useId } from 'react';
import { lostRuns } from './scale.ts';

/** A dotted line through the chart, with its name: a deployment, a policy generation. */
export interface Marker {
  /** Unix milliseconds. */
  readonly at: number;
  readonly label: string;
}

/** Hatch over the buckets in which events were lost or nodes were missing. */
export function LostHatch({ lost, x, step, height }: HatchProps) {
  const id = `hatch${useId().replaceAll(/[^a-zA-Z0-9]/g, '')}`;
  const runs = lostRuns(lost);
  if (runs.length === 0) return null;
  return (
    <g>
      <defs>
        <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2.4" height="6" className="fill-lost" />
        </pattern>
      </defs>
      {runs.map(([first, last]) => (
        <rect
          key={first}
          x={x(first)}
          y={0}
          width={Math.max(2, x(last) + step - x(first))}
          height={height}
          fill={`url(#${id})`}
        />
      ))}
    </g>
  );
}
interface HatchProps {
  lost: readonly number[];
  /** Left edge of a bucket, by its index. */
  x: (index: number) => number;
  /** Width of a bucket. */
  step: number;
  height: number;
}

/** A small swatch of the hatch, for the sentence below a chart. */
export function HatchSwatch() {
  const id = `swatch${useId().replaceAll(/[^a-zA-Z0-9]/g, '')}`;
  return (
    <svg width="14" height="10" aria-hidden="true" className="inline-block shrink-0">
      <defs>
        <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2.2" height="5" className="fill-lost" />
        </pattern>
      </defs>
      <rect width="14" height="10" fill={`url(#${id})`} />
    </svg>
  );
}

/** The lines of markers that fall into `from..to`. */
export function MarkerLines({ markers, x, height }: { markers: readonly Marker[]; x: (at: number) => number; height: number }) {
  return markers.map(({ at, label }) => (
    <line
      key={`${at} ${label}`}
      x1={x(at)}
      x2={x(at)}
      y1={0}
      y2={height}
      className="stroke-ink-2"
      strokeWidth="1.2"
      strokeDasharray="2 2.5"
    />
  ));
}
