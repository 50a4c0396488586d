/** SVG path of a line through `values`; a value that is not finite leaves a hole. */
export const linePath = (values: readonly number[], x: (index: number) => number, y: (value: number) => number): string =>
  runsOf(values)
    .map((run) => `M${run.map((index) => pointOf(x(index), y(values[index] ?? 0))).join('L')}`)
    .join('');

/** SVG path of the area between `values` and the baseline (where 0 stands, unless given); holes as in the line. */
export const areaPath = (
  values: readonly number[],
  x: (index: number) => number,
  y: (value: number) => number,
  base: number = y(0),
): string =>
  runsOf(values)
    .map((run) => {
      const top = run.map((index) => pointOf(x(index), y(values[index] ?? 0))).join('L');
      return `M${pointOf(x(run[0] ?? 0), base)}L${top}L${pointOf(x(run.at(-1) ?? 0), base)}Z`;
    })
    .join('');

/** Indexes of neighbouring finite values, run by run. */
function runsOf(values: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  values.forEach((value, index) => {
    if (!Number.isFinite(value)) return;
    const run = runs.at(-1);
    if (run?.at(-1) === index - 1) run.push(index);
    else runs.push([index]);
  });
  return runs;
}

const pointOf = (x: number, y: number) => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
