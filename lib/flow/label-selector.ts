import ipaddr from 'ipaddr.js';
import { bad, good, type Result } from './result.ts';

/**
 * Kubernetes label selectors over Cilium labels (`source:key=value`), as Hubble's label filters take them: `app=ledger`, `k8s:tier in (api, web)`,
 * `reserved:host`, `!debug`, comma for AND. A key without a source matches any source.
 * Sources: k8s.io/apimachinery/pkg/labels (Parse), cilium pkg/hubble/filters/labelparser.go, pkg/labels (HasKey).
 */
export type LabelSelector = readonly Requirement[];

interface Requirement {
  /** `any` matches every source. */
  readonly source: string;
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  readonly values: readonly string[];
}

/** Whether all requirements of `selector` hold for a set of labels. */
export const selectsLabels = (selector: LabelSelector, labels: readonly string[]): boolean =>
  selector.every((requirement) => isMet(requirement, labels));

function isMet({ source, key, operator, values }: Requirement, labels: readonly string[]): boolean {
  const value = valueOf(source, key, labels);
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case '>':
      return value !== undefined && INTEGER.test(value) && BigInt(value) > BigInt(values[0] ?? 0);
    case '<':
      return value !== undefined && INTEGER.test(value) && BigInt(value) < BigInt(values[0] ?? 0);
  }
}

const INTEGER = /^-?\d{1,19}$/;

/** The value of the first label with this key; undefined when there is none. */
function valueOf(source: string, key: string, labels: readonly string[]): string | undefined {
  for (const label of labels) {
    const colon = label.indexOf(':');
    const equals = label.indexOf('=', colon + 1);
    const labelSource = label.slice(0, Math.max(colon, 0));
    const labelKey = label.slice(colon + 1, equals < 0 ? undefined : equals);
    if (source !== 'any' && source !== labelSource) continue;
    const same = source === 'cidr' ? containsRange(key, labelKey) : labelKey === key;
    if (same) return equals < 0 ? '' : label.slice(equals + 1);
  }
  return undefined;
}

/** Whether the range of a `cidr:` selector holds that of a `cidr:` label. IPv6 keys are written with dashes. */
function containsRange(outer: string, inner: string): boolean {
  try {
    const [address, bits] = ipaddr.parseCIDR(outer.replaceAll('-', ':'));
    const [innerAddress, innerBits] = ipaddr.parseCIDR(inner.replaceAll('-', ':'));
    return address.kind() === innerAddress.kind() && bits <= innerBits && innerAddress.match(address, bits);
  } catch {
    return false;
  }
}

/** Reads a selector. An empty one would select everything, and is refused. */
export function parseLabelSelector(text: string): Result<LabelSelector> {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return bad('A label selector cannot be empty.');
  const requirements: Requirement[] = [];
  for (let at = 0; at < tokens.length;) {
    const negated = tokens[at] === '!';
    if (negated) at++;
    const name = tokens[at++];
    if (name === undefined || isOperator(name)) return bad(expected('a label key', name));
    const key = keyOf(name);
    if (!key.ok) return key;
    const operation = negated ? good({ operator: '!' as const, values: [], next: at }) : operationAt(tokens, at);
    if (!operation.ok) return operation;
    const { operator, values, next } = operation.value;
    requirements.push({ ...key.value, operator, values });
    at = next;
    if (at === tokens.length) break;
    if (tokens[at++] !== ',' || at === tokens.length)
      return bad(expected('a comma and another requirement, or the end', tokens[at - 1]));
  }
  return good(requirements);
}

type Operation = Result<Pick<Requirement, 'operator' | 'values'> & { readonly next: number }>;

function operationAt(tokens: readonly string[], at: number): Operation {
  const token = tokens[at];
  if (token === undefined || token === ',') return good({ operator: 'exists', values: [], next: at });
  if (token === 'in' || token === 'notin') return setAt(tokens, at + 1, token);
  if (!['=', '==', '!=', '>', '<'].includes(token)) return bad(expected('an operator (=, !=, in, notin)', token));
  const next = tokens[at + 1];
  const absent = next === undefined || next === ',';
  const value = absent ? '' : next;
  if (!absent && isOperator(value)) return bad(expected('a value', next));
  const problem =
    token === '>' || token === '<' ? (INTEGER.test(value) ? '' : `“${value}” is no whole number.`) : valueProblem(value);
  if (problem !== '') return bad(problem);
  const operator = token === '=' || token === '==' ? 'in' : token === '!=' ? 'notin' : (token as '>' | '<');
  return good({ operator, values: [value], next: at + (absent ? 1 : 2) });
}

/** `(a, b)` after `in` or `notin`; empty places stand for the empty value, as in Kubernetes. */
function setAt(tokens: readonly string[], at: number, operator: 'in' | 'notin'): Operation {
  if (tokens[at] !== '(') return bad(expected('( after in or notin', tokens[at]));
  const close = tokens.indexOf(')', at);
  if (close < 0) return bad('A parenthesis is not closed.');
  const inner = tokens.slice(at + 1, close);
  const values = new Set<string>();
  for (let place = 0; place <= inner.length; place++) {
    const token = inner[place];
    const before = inner[place - 1];
    if (token === undefined || token === ',') {
      if (before === undefined || before === ',') values.add('');
    } else if (isOperator(token) || (before !== undefined && before !== ',')) return bad(expected('a comma or )', token));
    else values.add(token);
  }
  for (const value of values) {
    const problem = valueProblem(value);
    if (problem !== '') return bad(problem);
  }
  return good({ operator, values: [...values], next: close + 1 });
}

const expected = (what: string, found: string | undefined): string =>
  `The label selector has ${found === undefined ? 'nothing' : `“${found}”`} where ${what} should be.`;

const isOperator = (token: string): boolean => /^(?:[=!<>(),]|==|!=)$/.test(token);

/** Kubernetes' lexer: words, and the longest operators. */
const tokensOf = (text: string): string[] => text.match(/==|!=|[=!<>(),]|[^=!<>(),\s]+/g) ?? [];

const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** `source:key`; Kubernetes checks the two joined by a dot, as Hubble hands them over. */
function keyOf(text: string): Result<Pick<Requirement, 'source' | 'key'>> {
  const colon = text.indexOf(':');
  const source = colon < 0 ? 'any' : text.slice(0, colon);
  const key = text.slice(colon + 1);
  const parts = `${source}.${key}`.split('/');
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const valid =
    parts.length <= 2 &&
    name.length <= 63 &&
    NAME.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
  return valid && key !== '' && source !== '' ? good({ source, key }) : bad(`“${text}” is no label key.`);
}

const valueProblem = (value: string): string =>
  value === '' || (value.length <= 63 && NAME.test(value))
    ? ''
    : `“${value}” is no label value: at most 63 letters, digits, dashes, dots and underscores, a letter or digit at both ends.`;
