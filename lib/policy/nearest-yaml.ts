import { type Document, isMap, isSeq, type Node, parseDocument, stringify } from 'yaml';
import { isRecord } from './schema/problems.ts';
import { canonicalJson } from './spec-hash.ts';

/** A text with something put into it. */
export interface AmendedText {
  readonly text: string;
  /** Lines that are new, from 1, ascending. */
  readonly lines: readonly number[];
}

const STYLE = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * The YAML of a policy with `rules` at the end of `spec.egress` (or any other list at `path`, made where it is missing). Everything that stands there stays
 * as it was written, comments and layout; only text that leaves no place between its lines (flow style, JSON) is written anew.
 */
export function appendRules(text: string, path: readonly (string | number)[], rules: readonly unknown[]): AmendedText {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new SyntaxError(`the policy’s text cannot be read: ${document.errors[0]?.message ?? ''}`);
  const wanted = expected(document, path, rules);
  const inserted = insertLines(text, document, path, rules);
  if (inserted && sameContent(inserted.text, wanted)) return inserted;
  return rewrite(document, path, rules);
}

/** A new text, all of it new. */
export function newText(object: unknown): AmendedText {
  const text = stringify(object, STYLE);
  return { text, lines: Array.from({ length: text.trimEnd().split('\n').length }, (_, index) => index + 1) };
}

/** A policy as a text to edit: without what the API server adds to it. */
export function policyText(object: unknown): string {
  const { apiVersion, kind, metadata, spec, specs } = isRecord(object) ? object : {};
  const { name, namespace, labels, annotations } = isRecord(metadata) ? metadata : {};
  const kept = {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  };
  return stringify(
    { apiVersion, kind, metadata: kept, ...(spec !== undefined && { spec }), ...(specs !== undefined && { specs }) },
    STYLE,
  );
}

function expected(document: Document, path: readonly (string | number)[], rules: readonly unknown[]): string {
  const copy = document.clone();
  addTo(copy, path, rules);
  return canonicalJson(copy.toJS());
}

const sameContent = (text: string, wanted: string): boolean => {
  const document = parseDocument(text);
  return document.errors.length === 0 && canonicalJson(document.toJS()) === wanted;
};

function addTo(document: Document, path: readonly (string | number)[], rules: readonly unknown[]): void {
  const list: unknown = document.getIn(path, true);
  if (isSeq(list)) for (const rule of rules) list.add(document.createNode(rule, STYLE));
  else document.setIn(path, document.createNode(rules, STYLE));
}

/** Puts lines behind the last element of the list, or the list behind the last key of what should hold it. Undefined where there is no line for it. */
function insertLines(
  text: string,
  document: Document,
  path: readonly (string | number)[],
  rules: readonly unknown[],
): AmendedText | undefined {
  const list: unknown = document.getIn(path, true);
  if (isSeq(list) && list.items.length > 0) {
    if (list.flow === true) return undefined;
    return insertAfter(text, list, columnOf(text, list), rules);
  }
  if (list !== undefined && list !== null) return undefined;
  const parent: unknown = document.getIn(path.slice(0, -1), true);
  if (!isMap(parent) || parent.flow === true || parent.items.length === 0 || list === null) return undefined;
  return insertAfter(text, parent, columnOf(text, parent), { [String(path.at(-1))]: rules });
}

/** The column at which the lines of a block node begin. */
function columnOf(text: string, node: Node): number {
  const start = node.range?.[0] ?? 0;
  return start - (text.lastIndexOf('\n', start - 1) + 1);
}

function insertAfter(text: string, node: Node, column: number, value: unknown): AmendedText {
  const end = node.range?.[1] ?? text.length;
  const head = text.slice(0, end).replace(/[ \t]+$/, '');
  const before = head.endsWith('\n') || head === '' ? head : `${text.slice(0, lineEnd(text, end))}\n`;
  const after = head.endsWith('\n') ? text.slice(end) : text.slice(lineEnd(text, end) + 1);
  const indent = ' '.repeat(column);
  const added = stringify(value, STYLE)
    .trimEnd()
    .split('\n')
    .map((line) => indent + line);
  const first = before.split('\n').length;
  return { text: `${before}${added.join('\n')}\n${after}`, lines: added.map((_, index) => first + index) };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** The whole text written anew, with its comments. Lines are new where `before` as we would write it has others. */
function rewrite(document: Document, path: readonly (string | number)[], rules: readonly unknown[]): AmendedText {
  const before = document.toString(STYLE).split('\n');
  addTo(document, path, rules);
  const text = document.toString(STYLE);
  const after = text.split('\n');
  let first = 0;
  while (first < after.length && after[first] === before[first]) first++;
  let last = after.length;
  while (last > first && after[last - 1] === before[before.length - (after.length - last) - 1]) last--;
  return { text, lines: Array.from({ length: last - first }, (_, index) => first + index + 1) };
}
