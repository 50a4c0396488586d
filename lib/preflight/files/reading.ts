/** A file as what it says, or why it cannot be read and where. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: FileProblem };

/** Line and column from 1; absent where it is the file as a whole. */
export interface FileProblem {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export const read = <T>(value: T): Reading<T> => ({ ok: true, value });
export const unreadable = (message: string, place?: { readonly line: number; readonly column: number }): Reading<never> => ({
  ok: false,
  problem: { message, ...place },
});

/** Line and column of an offset in a text. */
export function placeIn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** `line 3, column 7: ...`, as a person is told of it. */
export const problemText = ({ message, line, column }: FileProblem): string =>
  line === undefined ? message : `line ${line}${column === undefined ? '' : `, column ${column}`}: ${message}`;

/** Why a text is not even looked at; undefined when its size is fine. */
export function tooLarge(text: string, most: number, what: string): Reading<never> | undefined {
  if (text.length <= most) return undefined;
  return unreadable(`${what} has ${megabytes(text.length)} MB; at most ${megabytes(most)} MB are read`);
}

const megabytes = (characters: number): string => (Math.ceil((characters / 1024 / 1024) * 10) / 10).toString();
