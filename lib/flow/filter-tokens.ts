/** A word of the text form, with its place in the text (UTF-16 units, `to` exclusive). */
export type FilterToken =
  | {
      readonly kind: 'term';
      readonly negated: boolean;
      readonly key: string;
      readonly values: readonly FilterValue[];
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'word'; readonly negated: boolean; readonly text: string; readonly from: number; readonly to: number }
  | { readonly kind: 'or'; readonly from: number; readonly to: number }
  /** `-(`: what follows until `close` is excluded together. */
  | { readonly kind: 'open'; readonly negated: boolean; readonly from: number; readonly to: number }
  | { readonly kind: 'close'; readonly from: number; readonly to: number };

export interface FilterValue {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** A quote was opened and not closed. */
  readonly unclosed: boolean;
}

const KEY = /-?([A-Za-z][A-Za-z-]*):/y;

/**
 * The tokens of a filter's text form. Values end at a space or a comma; in double quotes they may hold both (`\"` and `\\` there stand for
 * `"` and `\`). Parentheses in a value must balance, so that `path:^/v1/(a|b)` is one value and `-(ns:a port:80)` a group.
 */
export function filterTokens(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(text: string, from: number): FilterToken {
  if (text.startsWith('-(', from)) return { kind: 'open', negated: true, from, to: from + 2 };
  if (text[from] === '(') return { kind: 'open', negated: false, from, to: from + 1 };
  if (text[from] === ')') return { kind: 'close', from, to: from + 1 };
  KEY.lastIndex = from;
  const match = KEY.exec(text);
  if (match) return termAt(text, from, match[1] ?? '', from + match[0].length);
  const value = valueAt(text, text[from] === '-' ? from + 1 : from, /[\s]/);
  if (/^or$/i.test(value.text) || value.text === '|') return { kind: 'or', from, to: value.to };
  return { kind: 'word', negated: text[from] === '-', text: value.text, from, to: Math.max(value.to, from + 1) };
}

function termAt(text: string, from: number, key: string, start: number): FilterToken {
  const first = valueAt(text, start, /[\s,]/);
  const values = [first];
  let { to } = first;
  while (text[to] === ',') {
    const value = valueAt(text, to + 1, /[\s,]/);
    values.push(value);
    ({ to } = value);
  }
  return { kind: 'term', negated: text[from] === '-', key, values, from, to };
}

function valueAt(text: string, from: number, end: RegExp): FilterValue {
  if (text[from] === '"') return quotedAt(text, from, end);
  let to = from;
  for (let depth = 0; to < text.length; to++) {
    const character = text[to] ?? '';
    if (character === '(') depth++;
    if (end.test(character) || (character === ')' && depth-- === 0)) break;
  }
  return { text: text.slice(from, to), from, to, unclosed: false };
}

function quotedAt(text: string, from: number, end: RegExp): FilterValue {
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '"') {
      // What touches the closing quote belongs to the value: app="a"b.
      const rest = valueAt(text, at + 1, end);
      return { text: value + rest.text, from, to: rest.to, unclosed: rest.unclosed };
    }
    if (character === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
    value += text[at] ?? '';
  }
  return { text: value, from, to: text.length, unclosed: true };
}

/** A value as it must be written to be read back the same. */
export const quoted = (value: string): string =>
  value === '' || /[\s,()"]/.test(value) ? `"${value.replaceAll(/["\\]/g, (character) => `\\${character}`)}"` : value;
