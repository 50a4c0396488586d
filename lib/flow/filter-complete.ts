import { RE2JS } from 're2js';
import { FILTER_KEYS, filterKey, type SeenKind } from './filter-keys.ts';
import { filterTokens, quoted, type FilterToken } from './filter-tokens.ts';

/** Values seen in the traffic, most often first. */
export type SeenValues = Readonly<Partial<Record<SeenKind, readonly string[]>>>;

export interface Completion {
  /** What takes the place of `text.slice(from, to)`. */
  readonly insert: string;
  /** What is shown: the key with its colon, or the bare value. */
  readonly label: string;
  /** What a key asks; empty for values. */
  readonly help: string;
}

/** Completions at a place of the text form; `from` and `to` span what a chosen one replaces. */
export interface Completions {
  readonly from: number;
  readonly to: number;
  readonly options: readonly Completion[];
}

/** Keys, enum values and values seen that fit what stands at `caret`, best first, at most `limit`. */
export function complete(text: string, caret: number, seen: SeenValues = {}, limit = 12): Completions {
  const token = filterTokens(text).find(({ from, to }) => from < caret && caret <= to);
  if (token?.kind === 'term') return values(token, caret, seen, limit);
  const negated = token !== undefined && text[token.from] === '-';
  const from = token?.kind === 'word' ? token.from + (negated ? 1 : 0) : caret;
  const to = token?.kind === 'word' ? token.to : caret;
  return {
    from,
    to,
    options: [...keys(text.slice(from, caret)), ...seenAnywhere(text.slice(from, caret), seen)].slice(0, limit),
  };
}

function keys(typed: string): Completion[] {
  return ranked(FILTER_KEYS, typed, ({ key }) => key).map(({ key, help }) => ({ insert: `${key}:`, label: `${key}:`, help }));
}

/** A bare word is no filter, but it may be the start of a name that was seen. */
function seenAnywhere(typed: string, seen: SeenValues): Completion[] {
  if (typed.length < 2) return [];
  return (['namespace', 'workload', 'pod', 'dns', 'fqdn', 'node'] as const).flatMap((kind) => {
    const key = FILTER_KEYS.find((candidate) => candidate.seen === kind);
    if (!key) return [];
    return ranked(seen[kind] ?? [], typed, (value) => value)
      .slice(0, 4)
      .map((value) => ({
        insert: `${key.key}:${quoted(key.pattern === true ? RE2JS.quote(value) : value)}`,
        label: `${key.key}:${value}`,
        help: key.help,
      }));
  });
}

function values(token: Extract<FilterToken, { kind: 'term' }>, caret: number, seen: SeenValues, limit: number): Completions {
  const value = token.values.find(({ from, to }) => from <= caret && caret <= to);
  const key = filterKey(token.key);
  if (!value || !key) return { from: caret, to: caret, options: [] };
  const typed = value.text.slice(0, Math.max(0, caret - value.from));
  const taken = new Set(token.values.filter((other) => other !== value).map((other) => other.text));
  const candidates = [...new Set([...(key.values ?? []), ...(key.seen ? (seen[key.seen] ?? []) : [])])].filter(
    (candidate) => !taken.has(candidate),
  );
  // Values of regular expressions are seen as text: what is chosen must mean that text.
  const literal = (candidate: string): string => (key.pattern === true ? RE2JS.quote(candidate) : candidate);
  const options = ranked(candidates, typed, (candidate) => candidate).map((candidate) => ({
    insert: quoted(literal(candidate)),
    label: candidate,
    help: '',
  }));
  return { from: value.from, to: value.to, options: options.slice(0, limit) };
}

/** Items whose name begins with `typed`, then those that contain it. */
function ranked<T>(items: readonly T[], typed: string, nameOf: (item: T) => string): T[] {
  const wanted = typed.toLowerCase();
  const starts = items.filter((item) => nameOf(item).toLowerCase().startsWith(wanted));
  const contains = items.filter((item) => !starts.includes(item) && nameOf(item).toLowerCase().includes(wanted));
  return [...starts, ...contains];
}
