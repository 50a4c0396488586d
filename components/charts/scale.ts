import { scaleLinear } from 'd3-scale';
import { clock, day } from '#components/ui/format.ts';

/** Scales and ticks of the charts. Pure. */

/** A value axis from 0 to a round number above all of `values`, with its ticks. Round steps keep the axis still while data moves. */
export function valueAxis(values: readonly number[], height: number, wanted = 3): ValueAxis {
  const most = values.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, value) : max), 0);
  const scale = scaleLinear()
    .domain([0, most > 0 ? most : 1])
    .nice(wanted)
    .range([height, 0]);
  return { y: (value) => scale(value), max: scale.domain()[1] ?? 1, ticks: scale.ticks(wanted) };
}
export interface ValueAxis {
  readonly y: (value: number) => number;
  readonly max: number;
  readonly ticks: readonly number[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
];

/** Round times within `from..to`, at most `most` of them, as labels in UTC. */
export function timeTicks(from: number, to: number, most = 6): readonly { readonly at: number; readonly label: string }[] {
  if (!(to > from)) return [];
  const step = STEPS.find((candidate) => (to - from) / candidate <= most) ?? DAY * Math.ceil((to - from) / DAY / most);
  const ticks = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: at % DAY === 0 ? day(at) : clock(at) });
  return ticks;
}

/** The series without a last bucket that has not ended yet: half a minute of counts would look like a fall. */
export function completeBuckets(times: readonly number[], stepMs: number, to: number): number {
  const last = times.at(-1);
  return last !== undefined && last + stepMs > to && times.length > 1 ? times.length - 1 : times.length;
}

/** Runs of neighbouring buckets in which something was lost, as index ranges `[first, last]`. */
export function lostRuns(lost: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  lost.forEach((count, index) => {
    if (count <= 0) return;
    const run = runs.at(-1);
    if (run && run[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}
