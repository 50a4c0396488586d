import canonicalize from 'canonicalize';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { CausewayError } from '#lib/errors/errors.ts';

/** What a receipt may hold: no floats, no null; what is absent is absent. */
export type CanonicalValue =
  | string
  | boolean
  | number
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

/**
 * RFC 8785 for receipts, as UTF-8. Throws `bad-input` with the path of what has no place in one: a float, an integer beyond 2^53 - 1, null, a lone
 * surrogate, a key that is not snake_case.
 */
export function canonicalBytes(value: CanonicalValue): Uint8Array {
  checkCanonical(value);
  return utf8ToBytes(canonicalize(value) as string);
}

/** Throws as `canonicalBytes` does, without making the form. */
export const checkCanonical = (value: CanonicalValue): void => check(value, '$');

/** Letters of which none is half of anything: nearly every text. */
const PLAIN = /^[\u0000-\ud7ff]*$/;
/** A surrogate without its other half. */
const HALF_A_PAIR = /\p{Cs}/u;

/** Deepest nesting that is taken. */
export const MOST_DEPTH = 32;

function check(value: unknown, path: string, depth = 0): void {
  if (depth > MOST_DEPTH) throw refused(path, `nested deeper than ${MOST_DEPTH}`);
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      if (!PLAIN.test(value) && HALF_A_PAIR.test(value)) throw refused(path, 'text with half a surrogate pair');
      return;
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0))
        throw refused(path, 'a number that is no integer within 2^53 - 1');
      return;
    case 'object':
      break;
    default:
      throw refused(path, `a ${typeof value}`);
  }
  if (value === null) throw refused(path, 'null');
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, depth + 1);
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (!/^[a-z][a-z0-9_]*$/.test(key)) throw refused(path, `a key that is not snake_case: ${JSON.stringify(key.slice(0, 60))}`);
    if (member !== undefined) check(member, `${path}.${key}`, depth + 1);
  }
}

const refused = (path: string, what: string) =>
  new CausewayError('bad-input', `a receipt cannot hold ${what} (at ${path})`, { place: { path } });
