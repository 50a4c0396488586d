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

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\]:,]|true|false|null/gy;

/** Goes over text that is known to be JSON, token by token. */
function scan(text: string): void {
  const open: { readonly keys: Set<string> | undefined; key: boolean }[] = [];
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) {
      at += 1; // white space: nothing else is left in JSON
      continue;
    }
    const inside = open.at(-1);
    if (token === '{' || token === '[') {
      open.push({ keys: token === '{' ? new Set() : undefined, key: token === '{' });
      if (open.length > MOST_DEPTH) throw at_(text, at, `nested deeper than ${MOST_DEPTH}`);
    } else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && inside) inside.key = inside.keys !== undefined;
    else if (token === ':' && inside) inside.key = false;
    else if (inside?.keys && inside.key) {
      const key = JSON.parse(token) as string;
      if (inside.keys.has(key)) throw at_(text, at, `the key ${token} is there twice`);
      inside.keys.add(key);
    } else if (/^-?\d/.test(token) && !Number.isSafeInteger(Number(token)))
      throw at_(text, at, `the number ${token} is no integer within 2^53 - 1`);
    at += token.length;
  }
}

function at_(text: string, offset: number, problem: string): CausewayError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return new CausewayError('bad-input', `line ${line}, column ${column}: ${problem}`, { place: { line, column } });
}
