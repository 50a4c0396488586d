import { clock, day } from '#components/ui/format.ts';

/** Scales and ticks of the charts. Pure. Written out here: d3-scale and d3-shape would be 45 kB of script for these few lines. */

/** A value axis from 0 to a round number above all of `values`, with about `wanted` steps. Round steps keep it still while data moves. */
export function valueAxis(values: readonly number[], height: number, wanted = 3): ValueAxis {
  const most = values.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, value) : max), 0);
  const step = roundStep((most > 1e-9 ? most : 1) / wanted);
  const steps = Math.max(1, Math.ceil((most > 1e-9 ? most : 1) / step - 1e-9));
  const max = round(steps * step);
  return {
    y: (value) => height * (1 - value / max),
    max,
    ticks: Array.from({ length: steps + 1 }, (_, index) => round(index * step)),
  };
}
export interface ValueAxis {
  readonly y: (value: number) => number;
  readonly max: number;
  readonly ticks: readonly number[];
}

/** The nearest 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share < Math.SQRT2 ? 1 : share < Math.sqrt(10) ? 2 : share < Math.sqrt(50) ? 5 : 10);
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
const round = (value: number) => Number(value.toPrecision(12));

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
