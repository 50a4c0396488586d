import type { Completion, Completions } from '#lib/flow/filter-complete.ts';
import type { FilterProblem } from '#lib/flow/filter-text.ts';
import { filterTokens } from '#lib/flow/filter-tokens.ts';

/** What the filter box draws behind its text, and what a chosen completion makes of it. */

/** A stretch of the text; `term` gets the tint of a chip, `problem` an underline. */
export interface Segment {
  readonly text: string;
  readonly term: boolean;
  readonly problem: boolean;
}

/** The text cut where a term or a problem begins or ends. All segments together are the text. */
export function segmentsOf(text: string, problems: readonly FilterProblem[]): Segment[] {
  const terms = filterTokens(text).filter(({ kind }) => kind === 'term');
  const cuts = new Set([0, text.length]);
  for (const { from, to } of [...terms, ...problems]) {
    cuts.add(Math.min(from, text.length));
    cuts.add(Math.min(to, text.length));
  }
  const places = [...cuts].toSorted((a, b) => a - b);
  return places.slice(1).map((to, index) => {
    const from = places[index] ?? 0;
    return { text: text.slice(from, to), term: within(terms, from, to), problem: within(problems, from, to) };
  });
}

const within = (spans: readonly { from: number; to: number }[], from: number, to: number): boolean =>
  spans.some((span) => span.from <= from && to <= span.to);

/** The text after `option` was chosen, and where the caret stands. A finished value is followed by a space; a key waits for its value. */
export function choose(
  text: string,
  { from, to }: Completions,
  option: Completion,
): { text: string; caret: number; finished: boolean } {
  const finished = !option.insert.endsWith(':');
  const rest = text.slice(to);
  const space = finished && !/^[\s,]/.test(rest) ? ' ' : '';
  const head = `${text.slice(0, from)}${option.insert}${space}`;
  return { text: head + rest, caret: head.length + (finished && space === '' ? 1 : 0), finished };
}

/** Problems that are worth an underline while a person types: not those of the word at the caret, which is not finished. */
export const settledProblems = (problems: readonly FilterProblem[], caret: number | undefined): FilterProblem[] =>
  caret === undefined ? [...problems] : problems.filter(({ from, to }) => caret < from || caret > to);
