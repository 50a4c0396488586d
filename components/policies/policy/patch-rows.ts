import { type DiffRow, changedRow } from './diff-rows.ts';

/** A unified diff as rows: lines between its hunks are folded. Anything that is no hunk (names of files) is left out. */
export function patchRows(patch: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let [left, right] = [1, 1];
  let [removed, added]: [string[], string[]] = [[], []];
  let inside = false;
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1)
      rows.push(changedRow({ number: left + at, text: removed[at] }, { number: right + at, text: added[at] }));
    left += removed.length;
    right += added.length;
    [removed, added] = [[], []];
  };
  for (const line of patch.split('\n')) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      flush();
      const [fromLeft, fromRight] = [Number(hunk[1]), Number(hunk[2])];
      if (fromRight > right) rows.push({ kind: 'folded', lines: fromRight - right, from: right });
      [left, right, inside] = [fromLeft, fromRight, true];
      continue;
    }
    const [sign, text] = [line.charAt(0), line.slice(1)];
    if (!inside || (sign !== ' ' && sign !== '-' && sign !== '+')) continue;
    if (sign === '-') removed.push(text);
    else if (sign === '+') added.push(text);
    else {
      flush();
      rows.push({ kind: 'same', left: whole(left, text), right: whole(right, text) });
      left += 1;
      right += 1;
    }
  }
  flush();
  return rows;
}

const HUNK = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@/;

const whole = (number: number, text: string) => ({ number, spans: [{ text, changed: false }] });
