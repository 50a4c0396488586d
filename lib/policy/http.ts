import { RE2JS } from 're2js';
import type { HttpRequest, L7Request } from './model.ts';
import type { Match } from './selector.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** A rule for requests: all that it says must hold. */
export interface HttpRule {
  /** RE2 expressions for the whole value; undefined matches anything. */
  readonly method?: Expression;
  readonly path?: Expression;
  readonly host?: Expression;
  readonly headers: readonly HeaderRule[];
}

/** `unreadable`: only a proxy that has the secret can tell. */
interface HeaderRule {
  /** Lower case. */
  readonly name: string;
  readonly value?: string;
  readonly secret?: true;
}

/** An expression that was compiled, or that RE2 (or this implementation of it) refuses. */
type Expression = { readonly matches: (text: string) => boolean } | 'bad';

/** Reads an element of `rules.http`. */
export function httpRule(value: unknown): HttpRule {
  const { method, path, host, headers, headerMatches } = recordOf(value);
  const expressions = Object.entries({ method, path, host }).flatMap(([field, pattern]) =>
    typeof pattern === 'string' && pattern !== '' ? [[field, expressionOf(pattern)] as const] : [],
  );
  return {
    ...(Object.fromEntries(expressions) as Partial<Record<'method' | 'path' | 'host', Expression>>),
    headers: [
      ...listOf(headers).flatMap((header) => (typeof header === 'string' ? [headerOf(header)] : [])),
      ...listOf(headerMatches).flatMap((match) => headerMatchOf(match) ?? []),
    ],
  };
}

/** Whether a request meets a rule; `unknown` where it hangs on a field that the record does not hold. */
export function matchesRequest(
  rule: HttpRule,
  request: HttpRequest,
  notSeen: Extract<L7Request, { http: unknown }>['notSeen'] = [],
): Match {
  const answers = [
    whole(rule.method, request.method, notSeen.includes('method')),
    whole(rule.path, request.path, notSeen.includes('path')),
    whole(rule.host, request.host, notSeen.includes('host')),
    ...rule.headers.map((header) => hasHeader(header, request, notSeen.includes('headers'))),
  ];
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

/** Whether a value as a whole matches: an absent one never does. */
function whole(expression: Expression | undefined, value: string | undefined, isUnknown: boolean): Match {
  if (expression === undefined) return 'yes';
  if (isUnknown || expression === 'bad') return 'unknown';
  return value !== undefined && expression.matches(value) ? 'yes' : 'no';
}

function hasHeader({ name, value, secret }: HeaderRule, { headers = {} }: HttpRequest, isUnknown: boolean): Match {
  if (isUnknown || secret) return 'unknown';
  const found = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  return found.some(([, text]) => value === undefined || text === value) ? 'yes' : 'no';
}

/** `Name: value`, or a name alone, of which a final colon is a part then (Cilium: `pkg/envoy`, getHTTPRule). */
function headerOf(text: string): HeaderRule {
  const blank = text.indexOf(' ');
  if (blank < 0) return { name: text.toLowerCase() };
  return { name: text.slice(0, blank).replace(/:+$/, '').toLowerCase(), value: text.slice(blank + 1) };
}

/** A mismatch action alters the request or the log and lets it pass: then there is nothing to match. */
function headerMatchOf(match: unknown): HeaderRule | undefined {
  const { name, value, secret, mismatch } = recordOf(match);
  if (typeof name !== 'string' || (typeof mismatch === 'string' && mismatch !== '')) return undefined;
  if (isRecord(secret)) return { name: name.toLowerCase(), secret: true };
  return { name: name.toLowerCase(), ...(typeof value === 'string' && value !== '' && { value }) };
}

const compiled = new Map<string, Expression>();
/** So many expressions are kept compiled; a console that judges many candidates starts over then. */
const MAX_COMPILED = 5_000;

/** Compiled once. Matching takes at most time in proportion to pattern times text (RE2's automata), never more; `testExact` tracks no groups. */
function expressionOf(pattern: string): Expression {
  const known = compiled.get(pattern);
  if (known) return known;
  const expression = compile(pattern);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(pattern, expression);
  return expression;
}

function compile(pattern: string): Expression {
  try {
    const program = RE2JS.compile(pattern);
    return { matches: (text) => program.testExact(text) };
  } catch {
    return 'bad';
  }
}
