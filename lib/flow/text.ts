/**
 * Text of workloads is hostile: an attacker chooses labels, DNS names, paths and headers. It is bounded where it enters
 * (`boundText`), made visible where a person reads it (`visibleText`), and made inert where another program does (`csvCell`, `logSafe`).
 */

/** Longest text kept of each kind, in UTF-16 units, and longest lists. What is longer is cut and ends in an ellipsis. */
export const LIMITS = {
  /** A line of an exporter file. */
  line: 1_048_576,
  name: 256,
  label: 512,
  path: 2048,
  headerName: 128,
  headerValue: 1024,
  message: 1024,
  labels: 128,
  names: 32,
  headers: 64,
  policies: 32,
  addresses: 64,
} as const;

const ELLIPSIS = '…';

/** What neither Postgres nor UTF-8 can hold: NUL and half a surrogate pair. The first is quick and finds whole pairs too. */
const MAYBE_UNSTORABLE = /[\0\ud800-\udfff]/;
const UNSTORABLE = /[\0\p{Cs}]/gu;

/** Control, formatting (bidirectional overrides, zero width) and unassigned characters, and spaces that look like a space or like nothing. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u115f\u1160\u1680\u2000-\u200a\u202f\u205f\u3000\u3164\uffa0]|\u034f/gu;

/** `text` in at most `max` UTF-16 units, never half a character, with NUL and lone surrogates replaced. Idempotent. */
export function boundText(text: string, max: number): string {
  const bounded = text.length <= max ? text : text.slice(0, max - 1) + ELLIPSIS;
  return MAYBE_UNSTORABLE.test(bounded) ? bounded.replace(UNSTORABLE, '\ufffd') : bounded;
}

/** `list` with at most `maxItems` items of at most `maxLength`. */
export const boundList = (list: readonly string[], maxItems: number, maxLength: number): readonly string[] =>
  list.slice(0, maxItems).map((item) => boundText(item, maxLength));

/** `text` with every character that cannot be seen, or that reorders others, written as its escape: `\u{202e}`. For display, copying and logs. */
export const visibleText = (text: string): string =>
  text.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Text from a flow in a log line: one line, visible, short. */
export const logSafe = (text: string, max = 256): string => boundText(visibleText(boundText(text, max)), max);

/** One cell of a CSV file (RFC 4180). Text that a spreadsheet would run as a formula is given a leading apostrophe (OWASP: CSV injection). */
export function csvCell(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const inert = /^[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
