import { FILTER_KEYS, filterKey, nearestKeys, type FilterKey } from './filter-keys.ts';
import { filterTokens, quoted, type FilterToken, type FilterValue } from './filter-tokens.ts';
import type { FlowFilter, FlowQuery } from './filter.ts';
import { EVENT_TYPE } from './flow.ts';
import { bad, type Result } from './result.ts';
import { boundText, visibleText } from './text.ts';

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
  if (text.length > MAX_LENGTH) {
    return {
      ok: false,
      problems: [{ message: `A filter has at most ${MAX_LENGTH} characters.`, from: MAX_LENGTH, to: text.length }],
    };
  }
  const reading = new Reading();
  for (const token of filterTokens(text)) reading.take(token);
  return reading.result(text.length);
}

/** The state of reading one text: alternatives and exclusions so far, and what was wrong. */
class Reading {
  readonly #problems: FilterProblem[] = [];
  readonly #include: Draft[] = [];
  readonly #exclude: Draft[] = [];
  /** What single terms take away, one draft for each key. */
  readonly #taken = new Map<FilterKey, Draft>();
  #alternative: Draft = new Map();
  #group: { readonly draft: Draft; readonly from: number } | undefined;
  #or: FilterToken | undefined;
  #values = 0;

  take(token: FilterToken): void {
    switch (token.kind) {
      case 'term':
        return this.#term(token);
      case 'word':
        return this.#problem(wordProblem(token.text), token);
      case 'or':
        return this.#startAlternative(token);
      case 'open':
        if (!token.negated || this.#group)
          return this.#problem('Parentheses only group what is taken away: -(ns:a port:80).', token);
        this.#group = { draft: new Map(), from: token.from };
        return;
      case 'close':
        return this.#closeGroup(token);
    }
  }

  result(length: number): ParsedFilter {
    if (this.#group) this.#problem('This parenthesis is not closed.', { from: this.#group.from, to: length });
    if (this.#alternative.size > 0) this.#include.push(this.#alternative);
    else if (this.#or) this.#problem('There is nothing after this or.', this.#or);
    if (this.#values > MAX_VALUES) this.#problem(`A filter has at most ${MAX_VALUES} values.`, { from: 0, to: length });
    const query: FlowQuery = { include: this.#include.map(filterOf), exclude: this.#exclude.map(filterOf) };
    if ([...query.include, ...query.exclude].some(needsAccessLog)) {
      this.#problem('Words on HTTP match L7 events only: leave out type:, or add type:l7.', { from: 0, to: length });
    }
    return this.#problems.length > 0 ? { ok: false, problems: this.#problems } : { ok: true, query };
  }

  #problem(message: string, { from, to }: { readonly from: number; readonly to: number }): void {
    this.#problems.push({ message: visibleText(message), from, to });
  }

  #startAlternative(token: FilterToken): void {
    if (this.#group) return this.#problem('or cannot stand inside parentheses.', token);
    if (this.#alternative.size === 0) return this.#problem('There is nothing before this or.', token);
    this.#include.push(this.#alternative);
    this.#alternative = new Map();
    this.#or = token;
  }

  #closeGroup(token: FilterToken): void {
    const group = this.#group;
    this.#group = undefined;
    if (!group) return this.#problem('This parenthesis closes nothing.', token);
    if (group.draft.size === 0)
      return this.#problem('There is nothing in these parentheses.', { from: group.from, to: token.to });
    this.#exclude.push(group.draft);
  }

  #term(token: Extract<FilterToken, { kind: 'term' }>): void {
    const key = filterKey(token.key);
    if (!key) return this.#problem(keyProblem(token.key), token);
    if (this.#group && token.negated) this.#problem('Inside -( ) terms stand without a dash.', token);
    const draft = this.#draftFor(token.negated, key);
    const values = draft.get(key) ?? [];
    draft.set(key, values);
    this.#values += token.values.length;
    for (const value of token.values) {
      const read = readValue(key, value);
      if (!read.ok) this.#problem(read.message, { from: value.from === value.to ? token.from : value.from, to: value.to });
      else if (!values.some((other) => key.write(other) === key.write(read.value))) values.push(read.value);
    }
  }

  #draftFor(negated: boolean, key: FilterKey): Draft {
    if (this.#group) return this.#group.draft;
    if (!negated) return this.#alternative;
    const known = this.#taken.get(key);
    if (known) return known;
    const draft: Draft = new Map();
    this.#taken.set(key, draft);
    this.#exclude.push(draft);
    return draft;
  }
}

function readValue(key: FilterKey, value: FilterValue): Result<unknown> {
  if (value.unclosed) return bad('This quote is not closed.');
  if (value.from === value.to) return bad(`Write a value after ${key.key}:, e.g. ${key.key}:${key.example}.`);
  return key.read(value.text);
}

/** A field takes the values that its key has read: the table `FILTER_KEYS` ties the two. */
const filterOf = (draft: Draft): FlowFilter => Object.fromEntries([...draft].map(([key, values]) => [key.field, values]));

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
  const shown = boundText(word, 64);
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
