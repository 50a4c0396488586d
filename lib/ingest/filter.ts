import 'server-only';
import { CausewayError } from '#lib/errors/errors.ts';
import type { FlowQuery } from '#lib/flow/filter.ts';
import { compileFilter } from '#lib/flow/filter-match.ts';
import { formatFilter, parseFilter } from '#lib/flow/filter-text.ts';
import type { Matcher } from './hub.ts';

/** A filter as somebody wrote it, ready to use. */
export interface ReadFilter {
  readonly query: FlowQuery;
  /** The same for all ways of writing the same filter. */
  readonly canonical: string;
  readonly matches: Matcher;
}

/** Reads the text form. Throws `bad-filter` with the place of the first thing that is wrong. */
export function readFilter(text: string): ReadFilter {
  const parsed = parseFilter(text);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    throw new CausewayError('bad-filter', parsed.problems.map(({ message }) => message).join(' ') || 'the filter is not valid', {
      place: { parameter: 'filter', from: first?.from ?? 0, to: first?.to ?? text.length },
    });
  }
  return { query: parsed.query, canonical: formatFilter(parsed.query), matches: compileFilter(parsed.query) };
}
