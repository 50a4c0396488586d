import { rangeWords } from '#components/live/range.ts';
import type { Console } from '#components/live/use-console.ts';
import { utc } from '#components/ui/format.ts';

/** The time that an answer is about: `last 3 h`, `2 Mar 2026 13:00:00 UTC to …`, `in this capture`. */
export function windowWords(
  view: Pick<Console, 'capture' | 'past' | 'range'>,
  answer: { readonly from: number; readonly to: number } | undefined,
): string {
  if (view.capture !== null) return 'in this capture';
  if (view.past) return answer ? `${utc(answer.from)} to ${utc(answer.to)}` : 'in this window';
  return `last ${rangeWords(view.range)}`;
}
