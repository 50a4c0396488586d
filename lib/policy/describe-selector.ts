import { jsonAt, jsonsAt, textAt, textsAt } from './describe-json.ts';
import { isRecord } from './schema/problems.ts';

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Labels that name what a pod is, the most telling first. Cilium's own guides and `kubectl` look for these. */
export const APP_LABELS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'name', 'app.kubernetes.io/component'] as const;

/** A label's key without its source: `k8s:app` and `any:app` are `app`. */
export const bareKey = (key: string): string => key.replace(/^(k8s|any):/, '');

/**
 * A label selector in words: `payments/ledger` for an app label in a namespace, else its requirements (`app=ledger, tier in (core, data)`).
 * `namespace` is the policy's own where the selector is confined to it; undefined where it reaches all.
 */
export function describeSelector(selector: unknown, namespace?: string): string {
  const labels = Object.entries(jsonAt(selector, 'matchLabels')).map(([key, value]) => ({
    key: bareKey(key),
    value: String(value),
  }));
  const expressions = jsonsAt(selector, 'matchExpressions');
  const named = labels.find(({ key }) => key === NAMESPACE || key === NAMESPACE_LABELS + NAMESPACE_NAME)?.value;
  const others = labels.filter(({ key }) => key !== NAMESPACE && key !== NAMESPACE_LABELS + NAMESPACE_NAME);
  const where =
    named ?? (expressions.some((expression) => bareKey(textAt(expression, 'key')) === NAMESPACE) ? undefined : namespace);
  const [only] = others;
  if (others.length === 1 && only && expressions.length === 0 && (APP_LABELS as readonly string[]).includes(only.key) && where)
    return `${where}/${only.value}`;
  const parts = [...others.map(({ key, value }) => `${shortKey(key)}=${value}`), ...expressions.map(describeExpression)];
  if (parts.length === 0) return where ? `every pod in ${where}` : 'every pod';
  return where ? `${parts.join(', ')} in ${where}` : parts.join(', ');
}

/** One element of `matchExpressions` in words. */
export function describeExpression(expression: unknown): string {
  const key = shortKey(bareKey(textAt(expression, 'key')));
  const values = textsAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return values.length === 1 ? `${key} not ${values[0]}` : `${key} not in (${values.join(', ')})`;
    case 'Exists':
      return `${key} is set`;
    case 'DoesNotExist':
      return `${key} is not set`;
    default:
      return `${key}: ${textAt(expression, 'operator')}`;
  }
}

function shortKey(key: string): string {
  if (key === NAMESPACE || key === NAMESPACE_LABELS + NAMESPACE_NAME) return 'namespace';
  return key.startsWith(NAMESPACE_LABELS) ? `namespace label ${key.slice(NAMESPACE_LABELS.length)}` : key;
}

/** A peer of a NetworkPolicy in words. */
export function describeNetworkPeer(peer: unknown, namespace: string): string {
  const block = jsonAt(peer, 'ipBlock');
  if (textAt(block, 'cidr') !== '') return describeCidr(textAt(block, 'cidr'), textsAt(block, 'except'));
  const pods = isRecord(peer) && isRecord(peer['podSelector']) ? peer['podSelector'] : undefined;
  const namespaces = isRecord(peer) && isRecord(peer['namespaceSelector']) ? peer['namespaceSelector'] : undefined;
  if (!namespaces) return describeSelector(pods ?? {}, namespace);
  const name = textAt(jsonAt(namespaces, 'matchLabels'), NAMESPACE_NAME);
  const plain =
    name !== '' &&
    Object.keys(jsonAt(namespaces, 'matchLabels')).length === 1 &&
    jsonsAt(namespaces, 'matchExpressions').length === 0;
  if (plain) return describeSelector(pods ?? {}, name);
  const which = describeSelector(namespaces);
  const who = pods ? describeSelector(pods) : 'every pod';
  return which === 'every pod' ? `${who} in any namespace` : `${who} in namespaces with ${which}`;
}

export const describeCidr = (cidr: string, except: readonly string[]): string =>
  except.length > 0 ? `${cidr} except ${except.join(', ')}` : cidr;
