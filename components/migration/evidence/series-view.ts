import type { CheckSeries } from '#lib/api/migration.ts';
import type { CheckStatus } from '#lib/migration/model.ts';

/** An axis around the values, and the decimals that tell its ends and the values apart. */
export interface NearAxis {
  readonly min: number;
  readonly max: number;
  readonly digits: number;
}

/** Cut to what was seen, with round ends; a count goes not below zero, a share not above `limit`. */
export function nearAxis(values: readonly number[], limit = Infinity): NearAxis {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  const most = Math.max(...finite);
  if (finite.length === 0) return { min: 0, max: 1, digits: 0 };
  // A spread that is dust beside the values would give ends that cannot be told apart.
  const isDust = most - least <= Math.abs(most) * 1e-6;
  const spread = isDust ? Math.max(Math.abs(most) * 0.1, 1e-6) : Math.max(most - least, 1e-6);
  const step = 10 ** Math.floor(Math.log10(spread));
  const min = Math.floor((least - spread * 0.1) / step) * step;
  const max = Math.ceil((most + spread * 0.1) / step) * step;
  const digits = Math.max(0, Math.min(4, -Math.floor(Math.log10(step))));
  return {
    min: least >= 0 ? Math.max(0, round(min)) : round(min),
    max: most <= limit ? Math.min(limit, round(max)) : round(max),
    digits,
  };
}

const round = (value: number) => Number(value.toPrecision(12));

/** A value with its unit; one decimal more than the axis shows, where the value has it. */
export function figureText(value: number, unit: string, digits: number): string {
  const shown = value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : Math.min(4, digits + 1) });
  return unit === '' ? shown : `${shown}\u00a0${unit}`;
}

/** Runs of points that say the same. Each run begins at the last point of the one before, so that the line has no holes. */
export function pointRuns(points: CheckSeries['points']): readonly { status: CheckStatus; from: number; to: number }[] {
  const runs: { status: CheckStatus; from: number; to: number }[] = [];
  points.forEach(({ status }, index) => {
    const run = runs.at(-1);
    if (run?.status === status) run.to = index;
    else runs.push({ status, from: Math.max(0, index - 1), to: index });
  });
  return runs;
}
