import { CausewayError } from '#lib/errors/errors.ts';
import { MOST_DEPTH } from './canonical.ts';

/** Largest file that is read, in bytes. */
export const MOST_BYTES = 1_000_000;

/**
 * JSON that means one thing only: a key given twice, nesting beyond 32 or a number that would lose digits is refused, with line and column. What
 * JSON.parse makes of it is what was checked. Throws `bad-input`, or `too-large`.
 */
export function parseStrictJson(text: string): unknown {
  if (text.length > MOST_BYTES) throw new CausewayError('too-large', `the file is larger than ${MOST_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CausewayError('bad-input', `this is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`, {
      cause: error,
    });
  }
  scan(text);
  return value;
}

/** Goes over text that is known to be JSON. */
function scan(text: string): void {
  const open: { readonly keys: Set<string> | undefined; key: boolean }[] = [];
  for (let at = 0; at < text.length;) {
    const inside = open.at(-1);
    const letter = text[at] as string;
    let end = at + 1;
    if (letter === '"') {
      end = endOfString(text, at);
      if (inside?.keys && inside.key) takeKey(text, at, end, inside.keys);
    } else if (letter === '{' || letter === '[') {
      open.push({ keys: letter === '{' ? new Set() : undefined, key: letter === '{' });
      if (open.length > MOST_DEPTH) throw at_(text, at, `nested deeper than ${MOST_DEPTH}`);
    } else if (letter === '}' || letter === ']') open.pop();
    else if (letter === ',' && inside) inside.key = inside.keys !== undefined;
    else if (letter === ':' && inside) inside.key = false;
    else if (letter === '-' || (letter >= '0' && letter <= '9')) {
      while (end < text.length && '0123456789.eE+-'.includes(text[end] as string)) end += 1;
      const number = text.slice(at, end);
      if (!Number.isSafeInteger(Number(number))) throw at_(text, at, `the number ${number} is no integer within 2^53 - 1`);
    } // what is left is white space, and the letters of true, false and null
    at = end;
  }
}

function takeKey(text: string, at: number, end: number, keys: Set<string>): void {
  const token = text.slice(at, end);
  const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (keys.has(key)) throw at_(text, at, `the key ${token} is there twice`);
  keys.add(key);
}

/** First place behind a string that begins here. */
function endOfString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before this place. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

function at_(text: string, offset: number, problem: string): CausewayError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return new CausewayError('bad-input', `line ${line}, column ${column}: ${problem}`, { place: { line, column } });
}
