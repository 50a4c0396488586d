/** Where text stops being JSON, for a message with a place: engines tell it differently, and quote the text. */
export interface JsonFault {
  /** Place of the first character that cannot stand there; the length of the text when it ends too soon. */
  readonly at: number;
  /** All of it could be the beginning of JSON: it was cut. */
  readonly cutOff: boolean;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/** One token: a string, a number that does not reach the end of the text, a word or a sign (RFC 8259). */
const TOKEN =
  /\s*(?:"(?:[^"\\\0-\x1f]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?!\d*(?:\.\d*)?(?:e[+-]?\d*)?$)|true|false|null|[{}[\]:,])/iy;
/** The beginning of a token that the end of the text cuts off; nobody knows whether a number that ends there was whole. */
const CUT_TOKEN =
  /\s*(?:"(?:[^"\\\0-\x1f]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*(?:\\(?:u[0-9a-f]{0,3})?)?|-?(?:0|[1-9]\d*)(?:\.|(?:\.\d+)?(?:e[+-]?\d*)?)|-|t|tr|tru|f|fa|fal|fals|n|nu|nul|)$/iy;

/** The first fault of text that is no JSON. */
export function jsonFault(text: string): JsonFault {
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) {
      CUT_TOKEN.lastIndex = at;
      const rest = text.slice(at).trimStart();
      const cutOff = CUT_TOKEN.test(text) && mayBegin(rest, expected, open);
      return { at: cutOff ? text.length : text.length - rest.length, cutOff };
    }
    const token = match[0].trimStart();
    const next = step(token, expected, open);
    if (next === undefined) return { at: at + match[0].length - token.length, cutOff: false };
    expected = next;
    at += match[0].length;
  }
}

/** Whether the beginning of a token, or nothing, may stand last. */
function mayBegin(rest: string, expected: Expected, open: string[]): boolean {
  if (rest === '') return expected !== ', or end' || open.length > 0;
  return step(rest.startsWith('"') ? '""' : 'null', expected, open) !== undefined;
}

/** What may follow `token`; undefined when it cannot stand here. `open` holds the brackets that are open. */
function step(token: string, expected: Expected, open: string[]): Expected | undefined {
  const isValue = expected === 'value' || expected === 'value or ]';
  if (token === '{' || token === '[') {
    if (!isValue) return undefined;
    open.push(token);
    return token === '{' ? 'key or }' : 'value or ]';
  }
  if (token === '}' || token === ']') {
    const closes = expected === ', or end' || expected === (token === '}' ? 'key or }' : 'value or ]');
    return closes && open.pop() === (token === '}' ? '{' : '[') ? ', or end' : undefined;
  }
  if (token === ':') return expected === ':' ? 'value' : undefined;
  if (token === ',') return expected === ', or end' && open.length > 0 ? (open.at(-1) === '{' ? 'key' : 'value') : undefined;
  if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? ':' : undefined;
  return isValue ? ', or end' : undefined;
}
