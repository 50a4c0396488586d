import { FILTER_KEYS, filterKey, nearestKeys, type FilterKey } from './filter-keys.ts';
import { filterTokens, quoted, type FilterToken } from './filter-tokens.ts';
import type { FlowFilter, FlowQuery } from './filter.ts';
import { EVENT_TYPE } from './flow.ts';
import { visibleText } from './text.ts';

/**
 * The short text form of a filter, as the search box takes it and URLs carry it: `ns:payments verdict:DROPPED port:5432 -pod:probe*`.
 *
 * Terms are ANDed; the values of a key (after a comma, or with the key again) are ORed. `-key:value` takes away. `or` separates whole
 * alternatives: `to-ns:payments port:5432 or reason:AUTH_REQUIRED`. `-(ns:a port:80)` takes away what meets all of it.
 */

/** What is wrong, and where: places in UTF-16 units, `to` exclusive. */
export interface FilterProblem {
  readonly message: string;
  readonly from: number;
  readonly to: number;
}

export type ParsedFilter =
  | { readonly ok: true; readonly query: FlowQuery }
  | { readonly ok: false; readonly problems: readonly FilterProblem[] };

/** Longest text and most values: a filter is evaluated for each flow. */
const MAX_LENGTH = 4096;
const MAX_VALUES = 256;

type Draft = Map<FilterKey, unknown[]>;

/** Reads the text form. Whatever is not understood is a problem with its place: nothing is left out in silence. */
export function parseFilter(text: string): ParsedFilter {
  if (text.length > MAX_LENGTH)
    return {
      ok: false,
      problems: [{ message: `A filter has at most ${MAX_LENGTH} characters.`, from: MAX_LENGTH, to: text.length }],
    };
  const problems: FilterProblem[] = [];
  const alternatives: Draft[] = [new Map()];
  const exclude: Draft[] = [];
  const single = new Map<FilterKey, Draft>();
  let group: { draft: Draft; from: number } | undefined;
  let values = 0;
  let or: FilterToken | undefined;
  for (const token of filterTokens(text)) {
    switch (token.kind) {
      case 'word':
        problems.push({ message: wordProblem(token.text), from: token.from, to: token.to });
        break;
      case 'or':
        if (group) problems.push({ message: 'or cannot stand inside parentheses.', from: token.from, to: token.to });
        else if (alternatives.at(-1)?.size === 0)
          problems.push({ message: 'There is nothing before this or.', from: token.from, to: token.to });
        else alternatives.push(new Map());
        or = token;
        break;
      case 'open':
        if (!token.negated || group) {
          problems.push({
            message: 'Parentheses only group what is taken away: -(ns:a port:80).',
            from: token.from,
            to: token.to,
          });
        } else {
          group = { draft: new Map(), from: token.from };
        }
        break;
      case 'close':
        if (!group) problems.push({ message: 'This parenthesis closes nothing.', from: token.from, to: token.to });
        else if (group.draft.size === 0)
          problems.push({ message: 'There is nothing in these parentheses.', from: group.from, to: token.to });
        else exclude.push(group.draft);
        group = undefined;
        break;
      case 'term': {
        const key = filterKey(token.key);
        if (!key) {
          problems.push({ message: keyProblem(token.key), from: token.from, to: token.to });
          break;
        }
        if (group && token.negated)
          problems.push({ message: 'Inside -( ) terms stand without a dash.', from: token.from, to: token.to });
        values += token.values.length;
        const read = token.values.flatMap((value) => {
          const result = value.unclosed
            ? { ok: false as const, message: 'This quote is not closed.' }
            : value.text === '' && value.to === value.from
              ? { ok: false as const, message: `Write a value after ${key.key}:, e.g. ${key.key}:${key.example}.` }
              : key.read(value.text);
          if (!result.ok)
            problems.push({
              message: visibleText(result.message),
              from: value.from === value.to ? token.from : value.from,
              to: value.to,
            });
          return result.ok ? [result.value] : [];
        });
        add(draftFor(token.negated, key), key, read);
        break;
      }
    }
  }
  function draftFor(negated: boolean, key: FilterKey): Draft {
    if (group) return group.draft;
    if (!negated) return alternatives.at(-1) ?? new Map();
    const known = single.get(key);
    if (known) return known;
    const draft: Draft = new Map();
    single.set(key, draft);
    exclude.push(draft);
    return draft;
  }
  if (group) problems.push({ message: 'This parenthesis is not closed.', from: group.from, to: text.length });
  if (or && alternatives.at(-1)?.size === 0)
    problems.push({ message: 'There is nothing after this or.', from: or.from, to: or.to });
  if (values > MAX_VALUES) problems.push({ message: `A filter has at most ${MAX_VALUES} values.`, from: 0, to: text.length });
  const query: FlowQuery = {
    include: alternatives.filter((draft) => draft.size > 0).map(filterOf),
    exclude: exclude.map(filterOf),
  };
  for (const filter of [...query.include, ...query.exclude]) {
    if (needsAccessLog(filter))
      problems.push({
        message: 'Words on HTTP match L7 events only: leave out type:, or add type:l7.',
        from: 0,
        to: text.length,
      });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, query };
}

function add(draft: Draft, key: FilterKey, values: readonly unknown[]): void {
  const known = draft.get(key) ?? [];
  draft.set(key, known);
  for (const value of values) {
    if (!known.some((other) => key.write(other) === key.write(value))) known.push(value);
  }
}

/** A field takes the values that its key has read: the table `FILTER_KEYS` ties the two. */
const filterOf = (draft: Draft): FlowFilter =>
  Object.fromEntries([...draft].map(([key, values]) => [key.field, values])) as FlowFilter;

/** Hubble refuses filters on HTTP whose event types leave out the access log. */
const needsAccessLog = ({ eventType, httpMethod, httpPath, httpStatus, httpUrl }: FlowFilter): boolean =>
  eventType !== undefined &&
  !eventType.some(({ type }) => type === EVENT_TYPE.l7) &&
  [httpMethod, httpPath, httpStatus, httpUrl].some((values) => values !== undefined);

function keyProblem(name: string): string {
  const near = nearestKeys(name);
  return `There is no key “${name}”. ${near.length > 0 ? `Did you mean ${near.map((key) => `${key}:`).join(' or ')}?` : 'Keys are ns:, pod:, verdict:, port: and others.'}`;
}

function wordProblem(word: string): string {
  const shown = visibleText(word).slice(0, 64);
  const key = filterKey(word);
  if (key) return `Write a value after ${key.key}:, e.g. ${key.key}:${key.example}.`;
  const verdict = filterKey('verdict')?.read(word);
  if (verdict?.ok) return `Write verdict:${String(verdict.value)}.`;
  if (word === '') return 'A dash stands before what is taken away: -ns:kube-system.';
  return `Say what “${shown}” is: ns:${shown}, pod:${shown}, workload:${shown} or dns:${shown}, for instance.`;
}

/** The text form of a query, keys in the order of the table; what `parseFilter` reads back as the same query. */
export function formatFilter({ include, exclude }: FlowQuery): string {
  const alternatives = include.map((filter) => termsOf(filter).join(' ')).join(' or ');
  const excluded = exclude.map((filter) => {
    const terms = termsOf(filter);
    return terms.length === 1 ? `-${terms[0]}` : `-(${terms.join(' ')})`;
  });
  return [alternatives, ...excluded].filter((part) => part !== '').join(' ');
}

function termsOf(filter: FlowFilter): string[] {
  return FILTER_KEYS.flatMap(({ key, field, write }) => {
    const values: readonly unknown[] = filter[field] ?? [];
    return values.length === 0 ? [] : [`${key}:${values.map((value) => quoted(write(value))).join(',')}`];
  });
}
