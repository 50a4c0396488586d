/**
 * A histogram of latencies in milliseconds with logarithmic buckets: four to a doubling from 0.01 ms to 168 s, so a percentile is off by
 * at most 9 %. Merging is adding, so any grouping of the same values gives the same histogram.
 */
const BUCKETS = 96;
const FIRST_MS = 0.01;
const PER_DOUBLING = 4;

export type Histogram = Uint32Array;

export const emptyHistogram = (): Histogram => new Uint32Array(BUCKETS);

/** Counts one latency. */
export function addLatency(histogram: Histogram, ms: number): void {
  const index = Math.min(BUCKETS - 1, Math.max(0, Math.floor(Math.log2(ms / FIRST_MS) * PER_DOUBLING)));
  histogram[index] = (histogram[index] ?? 0) + 1;
}

export function mergeHistogram(into: Histogram, other: Histogram): void {
  for (let index = 0; index < BUCKETS; index++) into[index] = (into[index] ?? 0) + (other[index] ?? 0);
}

/** Count and percentiles in milliseconds (the geometric middle of the bucket); undefined when nothing was counted. */
export function percentilesOf(histogram: Histogram): { count: number; p50: number; p95: number; p99: number } | undefined {
  const count = histogram.reduce((sum, value) => sum + value, 0);
  if (count === 0) return undefined;
  const percentile = (share: number): number => {
    let rest = Math.ceil(count * share);
    const index = histogram.findIndex((value) => (rest -= value) <= 0);
    return Number((FIRST_MS * 2 ** ((index + 0.5) / PER_DOUBLING)).toPrecision(4));
  };
  return { count, p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) };
}

/** As JSON: counts by bucket number, of the buckets that are not empty. */
export function histogramToJson(histogram: Histogram): Record<string, number> {
  return Object.fromEntries(
    [...histogram.entries()].filter(([, count]) => count > 0).map(([index, count]) => [String(index), count]),
  );
}

export function histogramOfJson(json: Readonly<Record<string, number>>): Histogram {
  const histogram = emptyHistogram();
  for (const [index, count] of Object.entries(json)) if (Number(index) < BUCKETS) histogram[Number(index)] = count;
  return histogram;
}
