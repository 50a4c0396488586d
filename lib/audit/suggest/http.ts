import { httpRule, matchesRequest } from '#lib/policy/http.ts';
import { type HttpMatch, literal } from '#lib/policy/nearest-rule.ts';
import type { Connection } from './connection.ts';

/** HTTP rules for what was seen, and what is to be said of them. */
export interface HttpRules {
  readonly rules: readonly HttpMatch[];
  readonly cautions: readonly string[];
}

/** RE2 for what a placeholder of a path's template stands for. */
const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['{number}', '[0-9]+'],
  ['{uuid}', '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'],
  ['{date}', '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][^/?]*)?'],
  ['{hex}', '[0-9a-fA-F]{8,}'],
  ['{email}', '[^/?@]+@[^/?]+'],
  ['{token}', '[^/?]+'],
]);

/** Query strings are part of `:path` and are not recorded: a rule has to let them be. */
const ANY_QUERY = String.raw`(\?.*)?`;

/**
 * Rules for the HTTP requests that passed, their paths as templates; a template that would let a refused request in becomes the very paths seen.
 * Undefined when no request was seen.
 */
export function httpRulesOf(passed: readonly Connection[], denied: readonly Connection[]): HttpRules | undefined {
  const requests = passed.flatMap(({ tuple }) => (tuple.l7?.kind === 'http' ? [{ ...tuple.l7, paths: tuple.paths }] : []));
  if (requests.length === 0) return undefined;
  const refused = denied.flatMap(({ tuple }) =>
    tuple.l7?.kind === 'http' ? examplesOf(tuple.l7.path, tuple.paths).map((path) => ({ method: methodOf(tuple.l7), path })) : [],
  );
  const cautions = new Set<string>();
  const rules = new Map<string, HttpMatch>();
  for (const request of requests) {
    const method = methodOf(request);
    if (method === undefined)
      cautions.add('A request’s method was not one of the usual ones: the rule lets any through for its path.');
    const letsIn = (path: string) =>
      refused.some((other) => (method ?? other.method) === other.method && matches(path, other.path));
    const template = pathOf(request.path, request.paths);
    const exact = examplesOf(request.path, request.paths).map((path) => literal(path));
    const paths = letsIn(template) ? exact.filter((path) => !letsIn(path)) : [template];
    if (letsIn(template)) cautions.add(`Only the very paths seen of ${request.path} are allowed: others like them were refused.`);
    for (const path of paths) rules.set(`${method ?? ''} ${path}`, { ...(method !== undefined && { method }), path });
  }
  if (passed.some(({ tuple }) => tuple.l7?.kind === 'other'))
    cautions.add('More requests were seen than the ledger keeps apart: some are not named here.');
  return { rules: [...rules].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule), cautions: [...cautions] };
}

function methodOf(l7: Connection['tuple']['l7']): string | undefined {
  return l7?.kind === 'http' && l7.method !== '' && l7.method !== '{method}' ? l7.method : undefined;
}

/** An expression for a path's template. Literal parts are taken from a path as it was sent, because policy sees escapes that the template has not. */
export function pathOf(template: string, paths: readonly string[]): string {
  const [sent = template] = paths;
  const raw = sent
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .split('/');
  const segments = template.split('/').map((segment, index) => {
    const placeholder = PLACEHOLDERS.get(segment);
    if (placeholder !== undefined) return placeholder;
    if (segment === '…') return '.*';
    if (segment.endsWith('…')) return `${literal(segment.slice(0, -1))}[^/?]*`;
    return literal(raw[index] ?? segment);
  });
  return segments.join('/') + ANY_QUERY;
}

/** Paths as sent that a shape stands for, as far as they are known. */
const examplesOf = (template: string, paths: readonly string[]): readonly string[] =>
  paths.length > 0 ? paths : /[{…]/.test(template) ? [] : [template];

const matches = (expression: string, path: string): boolean =>
  matchesRequest(httpRule({ path: expression }), { method: '', path }) !== 'no';
