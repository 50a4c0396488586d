import { diff, presentableDiff } from '@codemirror/merge';

/** Two texts side by side, line by line. */

export interface DiffSpan {
  readonly text: string;
  readonly changed: boolean;
}

export interface DiffLine {
  /** From 1. */
  readonly number: number;
  readonly spans: readonly DiffSpan[];
}

export type DiffRow =
  | { readonly kind: 'same'; readonly left: DiffLine; readonly right: DiffLine }
  /** A line on one side may have no partner on the other. */
  | { readonly kind: 'changed'; readonly left: DiffLine | undefined; readonly right: DiffLine | undefined }
  | { readonly kind: 'folded'; readonly lines: number; readonly from: number };

/** Longest search for a small difference, in steps and milliseconds; beyond it whole stretches are shown as changed. */
const LIMITS = { scanLimit: 2000, timeout: 300 };

/** What became of `before`: changed lines with `context` equal ones around them, the rest folded. Equal texts have no rows. */
export function diffRows(before: string, after: string, context = 3): DiffRow[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const rows: DiffRow[] = [];
  let [nextA, nextB] = [0, 0];
  const equalTo = (end: number) => {
    for (; nextA < end; nextA += 1, nextB += 1)
      rows.push(
        a[nextA] === b[nextB]
          ? { kind: 'same', left: whole(a, nextA), right: whole(b, nextB) }
          : changed(a, nextA, end, b, nextB, b.length),
      );
  };
  const hunks = diff(...asLetters(a, b), LIMITS);
  for (const { fromA, toA, toB } of hunks) {
    equalTo(fromA);
    for (; nextA < toA || nextB < toB; nextA += 1, nextB += 1) rows.push(changed(a, nextA, toA, b, nextB, toB));
    [nextA, nextB] = [toA, toB];
  }
  if (hunks.length === 0) return [];
  equalTo(a.length);
  return folded(rows, context);
}

/** How many lines were added and taken away. */
export const diffSize = (rows: readonly DiffRow[]): { added: number; removed: number } => ({
  added: rows.filter((row) => row.kind === 'changed' && row.right !== undefined).length,
  removed: rows.filter((row) => row.kind === 'changed' && row.left !== undefined).length,
});

/** Each line as one letter, equal lines as the same: a difference of letters is one of lines. Lines of a vast text may share a letter. */
function asLetters(a: readonly string[], b: readonly string[]): [string, string] {
  const letters = new Map<string, string>();
  const letterOf = (line: string) => {
    const known = letters.get(line);
    if (known !== undefined) return known;
    const letter = String.fromCharCode(FIRST_LETTER + (letters.size % LETTERS));
    letters.set(line, letter);
    return letter;
  };
  return [a.map(letterOf).join(''), b.map(letterOf).join('')];
}

/** Code units that are no halves of a pair. */
const [FIRST_LETTER, LETTERS] = [0x100, 0xd700];

const whole = (lines: readonly string[], index: number): DiffLine => ({
  number: index + 1,
  spans: [{ text: lines[index] ?? '', changed: false }],
});

const changed = (a: readonly string[], left: number, toA: number, b: readonly string[], right: number, toB: number): DiffRow =>
  changedRow(
    { number: left + 1, text: left < toA ? a[left] : undefined },
    { number: right + 1, text: right < toB ? b[right] : undefined },
  );

/** A changed line beside the one that took its place; what changed within it is marked where they are alike. */
export function changedRow({ number: left, text: before }: Side, { number: right, text: after }: Side): DiffRow {
  const changes = before !== undefined && after !== undefined ? presentableDiff(before, after, LIMITS) : [];
  const differs = changes.reduce((total, { fromA, toA: endA, fromB, toB: endB }) => total + endA - fromA + endB - fromB, 0);
  const alike = before !== undefined && after !== undefined && differs * 2 <= before.length + after.length;
  const line = (text: string | undefined, number: number, parts: readonly (readonly [number, number])[]) =>
    text === undefined ? undefined : { number, spans: alike ? spansOf(text, parts) : [{ text, changed: true }] };
  return {
    kind: 'changed',
    left: line(
      before,
      left,
      changes.map(({ fromA, toA: end }) => [fromA, end]),
    ),
    right: line(
      after,
      right,
      changes.map(({ fromB, toB: end }) => [fromB, end]),
    ),
  };
}
/** A line of one side, from 1; no text where the side has none. */
interface Side {
  readonly number: number;
  readonly text: string | undefined;
}

function spansOf(text: string, parts: readonly (readonly [number, number])[]): DiffSpan[] {
  const spans: DiffSpan[] = [];
  let at = 0;
  for (const [from, to] of parts) {
    if (from > at) spans.push({ text: text.slice(at, from), changed: false });
    if (to > from) spans.push({ text: text.slice(from, to), changed: true });
    at = to;
  }
  if (at < text.length || spans.length === 0) spans.push({ text: text.slice(at), changed: false });
  return spans;
}

/** Equal stretches farther than `context` from a change become one row each; one that would save next to nothing stays. */
function folded(rows: readonly DiffRow[], context: number): DiffRow[] {
  const near = new Set<number>();
  for (const [index, { kind }] of rows.entries())
    if (kind === 'changed') for (let by = -context; by <= context; by += 1) near.add(index + by);
  const shown: DiffRow[] = [];
  for (let index = 0; index < rows.length;) {
    let end = index;
    while (end < rows.length && !near.has(end)) end += 1;
    const [first] = rows.slice(index, end);
    if (first?.kind === 'same' && end - index > LEAST_FOLDED)
      shown.push({ kind: 'folded', lines: end - index, from: first.right.number });
    else shown.push(...rows.slice(index, end));
    shown.push(...rows.slice(end, end + 1));
    index = end + 1;
  }
  return shown;
}

const LEAST_FOLDED = 3;
