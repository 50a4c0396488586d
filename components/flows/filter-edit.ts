import { FILTER_KEYS, type FilterKey, filterKey } from '#lib/flow/filter-keys.ts';
import { formatFilter, parseFilter } from '#lib/flow/filter-text.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import type { FlowFilter, FlowQuery } from '#lib/flow/filter.ts';

/** Small changes to a filter, made by chips, totals and links. A text that cannot be read yet is only added to. */

/** Whether the filter asks for this very value, whichever of its alternatives matches. */
export function hasTerm(text: string, name: string, value: string): boolean {
  const term = readTerm(text, name, value);
  return term !== undefined && term.query.include.length > 0 && term.query.include.every((filter) => holds(filter, term));
}

/** The filter with `name:value` added: beside the values of the key where it has some (any of them may match). */
export function withTerm(text: string, name: string, value: string): string {
  const term = readTerm(text, name, value);
  if (!term) return `${text.trimEnd()}${text.trim() === '' ? '' : ' '}${name}:${quoted(value)}`;
  const { query, key } = term;
  const include = query.include.length === 0 ? [{}] : query.include;
  return formatFilter({
    ...query,
    include: include.map((filter) =>
      holds(filter, term) ? filter : { ...filter, [key.field]: [...valuesOf(filter, key), term.value] },
    ),
  });
}

/** The filter without that value. What is left of an alternative when its last term goes matches everything. */
export function withoutTerm(text: string, name: string, value: string): string {
  const term = readTerm(text, name, value);
  if (!term) return text;
  const { query, key } = term;
  const include = query.include.map((filter) => {
    const { [key.field]: _taken, ...rest } = filter;
    const left = valuesOf(filter, key).filter((other) => key.write(other) !== term.written);
    return left.length === 0 ? rest : { ...rest, [key.field]: left };
  });
  return formatFilter({ ...query, include: include.some((filter) => Object.keys(filter).length === 0) ? [] : include });
}

export const toggleTerm = (text: string, name: string, value: string): string =>
  hasTerm(text, name, value) ? withoutTerm(text, name, value) : withTerm(text, name, value);

/** What a filter without alternatives asks for, term by term, to be shown as chips; verdicts have switches of their own. */
export function chipTerms(text: string): { key: string; value: string }[] {
  const parsed = parseFilter(text);
  if (!parsed.ok || parsed.query.include.length !== 1) return [];
  const [filter] = parsed.query.include;
  return FILTER_KEYS.filter(({ key }) => key !== 'verdict').flatMap((key) =>
    valuesOf(filter ?? {}, key).map((value) => ({ key: key.key, value: key.write(value) })),
  );
}

interface Term {
  readonly query: FlowQuery;
  readonly key: FilterKey;
  readonly value: unknown;
  readonly written: string;
}

function readTerm(text: string, name: string, value: string): Term | undefined {
  const parsed = parseFilter(text);
  const key = filterKey(name);
  const read = key?.read(value);
  if (!parsed.ok || !key || !read?.ok) return undefined;
  return { query: parsed.query, key, value: read.value, written: key.write(read.value) };
}

const valuesOf = (filter: FlowFilter, { field }: FilterKey): readonly unknown[] => filter[field] ?? [];

const holds = (filter: FlowFilter, { key, written }: Term): boolean =>
  valuesOf(filter, key).some((other) => key.write(other) === written);
