import { clock } from '#components/ui/format.ts';
import { lostRuns } from './scale.ts';

/** What to say of the buckets in which nothing at all was received; no sentence where there are none. Pure. */
export function silentSentences(times: readonly number[], stepMs: number, silent: readonly boolean[]): readonly string[] {
  const runs = lostRuns(silent.map(Number));
  const [first] = runs;
  if (!first) return [];
  if (first[0] === 0 && runs.length === 1) {
    const end = (times[first[1]] ?? 0) + stepMs;
    return first[1] === times.length - 1
      ? ['Nothing was received in this time.']
      : [`Nothing was received before ${clock(end)}.`];
  }
  return [`Nothing was received ${runs.length === 1 ? spanOf(times, stepMs, first) : `in ${runs.length} spans`}.`];
}

/** `13:05–13:07`: from the start of one bucket to the end of another. */
export const spanOf = (times: readonly number[], stepMs: number, [first, last]: readonly [number, number]): string =>
  `${clock(times[first] ?? 0)}–${clock((times[last] ?? 0) + stepMs)}`;
