import { area, line } from 'd3-shape';

/** SVG path of a line through `values`; a value that is not finite leaves a hole. */
export const linePath = (values: readonly number[], x: (index: number) => number, y: (value: number) => number): string =>
  line<number>()
    .defined(Number.isFinite)
    .x((_value, index) => round(x(index)))
    .y((value) => round(y(value)))([...values]) ?? '';

/** SVG path of the area between `values` and the baseline (where 0 stands, unless given). */
export const areaPath = (
  values: readonly number[],
  x: (index: number) => number,
  y: (value: number) => number,
  base: number = y(0),
): string =>
  area<number>()
    .defined(Number.isFinite)
    .x((_value, index) => round(x(index)))
    .y0(round(base))
    .y1((value) => round(y(value)))([...values]) ?? '';

const round = (value: number) => Math.round(value * 10) / 10;
