import { type LabelSet, NAMESPACE_LABELS, POD_NAMESPACE, POLICY_CLUSTER } from './labels.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** An answer of which the facts may be missing. */
export type Match = 'yes' | 'no' | 'unknown';

export type Operator = 'equals' | 'in' | 'not-in' | 'exists' | 'not-exists';

/** One condition on an identity. */
export interface Requirement {
  /** `any` takes the key from every source. */
  readonly source: string;
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** Conditions of which all must hold; none hold for everybody. */
export type Requirements = readonly Requirement[];

const OPERATORS: ReadonlyMap<unknown, Operator> = new Map([
  ['In', 'in'],
  ['NotIn', 'not-in'],
  ['Exists', 'exists'],
  ['DoesNotExist', 'not-exists'],
]);

/** The conditions of a Kubernetes label selector. `bareSource` is the source of a key without one: `any` in Cilium's kinds, `k8s` in Kubernetes' own. */
export function requirementsOf(selector: unknown, bareSource = 'any'): Requirement[] {
  const { matchLabels, matchExpressions } = recordOf(selector);
  const equal = Object.entries(recordOf(matchLabels)).map(([key, value]): Requirement => {
    return { ...selectorKey(key, bareSource), operator: 'equals', values: [typeof value === 'string' ? value : ''] };
  });
  const expressions = listOf(matchExpressions).flatMap((expression): Requirement[] => {
    if (!isRecord(expression)) return [];
    const { key, operator, values } = expression;
    const known = OPERATORS.get(operator);
    if (!known || typeof key !== 'string') return [];
    return [
      { ...selectorKey(key, bareSource), operator: known, values: listOf(values).filter((value) => typeof value === 'string') },
    ];
  });
  return [...equal, ...expressions];
}

/** `k8s:app` is the key `app` of source `k8s`. */
export function selectorKey(text: string, bareSource: string): { readonly source: string; readonly key: string } {
  const colon = text.indexOf(':');
  return colon < 0 ? { source: bareSource, key: text } : { source: text.slice(0, colon), key: text.slice(colon + 1) };
}

/** Whether an identity meets all conditions. */
export function meetsAll(requirements: Requirements, labels: LabelSet): Match {
  let answer: Match = 'yes';
  for (const requirement of requirements) {
    const one = meets(requirement, labels);
    if (one === 'no') return 'no';
    if (one === 'unknown') answer = 'unknown';
  }
  return answer;
}

/** Whether an identity meets one condition. `NotIn` holds without the key too. */
export function meets({ source, key, operator, values }: Requirement, labels: LabelSet): Match {
  const found = labels.byKey.get(key)?.filter((label) => source === 'any' || label.source === source) ?? [];
  if (found.length === 0 && labels.namespaceUnknown && key.startsWith(NAMESPACE_LABELS)) return 'unknown';
  switch (operator) {
    case 'equals':
    case 'in':
      return found.some(({ value }) => values.includes(value)) ? 'yes' : 'no';
    case 'not-in':
      return found.some(({ value }) => values.includes(value)) ? 'no' : 'yes';
    case 'exists':
      return found.length > 0 ? 'yes' : 'no';
    case 'not-exists':
      return found.length > 0 ? 'no' : 'yes';
  }
}

/** Equal for selectors that Cilium merges into one: the same conditions, in any order. */
export const requirementsKey = (requirements: Requirements): string =>
  JSON.stringify(
    requirements
      .map(({ source, key, operator, values }) => JSON.stringify([source, key, operator, values.toSorted()]))
      .toSorted(),
  );

export const equals = (source: string, key: string, value: string): Requirement => ({
  source,
  key,
  operator: 'equals',
  values: [value],
});
export const exists = (source: string, key: string): Requirement => ({ source, key, operator: 'exists', values: [] });

/** Whether it speaks of the key as a label of the pod's own cluster: by source `k8s` or `any`. */
export const isOnKey = ({ source, key }: Requirement, wanted: string): boolean =>
  key === wanted && (source === 'k8s' || source === 'any');

/** Confines the subject of a CiliumNetworkPolicy to its namespace: what `matchLabels` says of it gives way, an expression stays and is ANDed. */
export function subjectInNamespace(requirements: Requirements, namespace: string): Requirements {
  const others = requirements.filter(
    ({ source, key, operator }) => !(source === 'k8s' && key === POD_NAMESPACE && operator === 'equals'),
  );
  return [...others, equals('k8s', POD_NAMESPACE, namespace)];
}

/** What Cilium adds to a peer selector that does not say it itself. */
export interface PeerDefaults {
  /** Of the policy; undefined for a clusterwide one. */
  readonly namespace?: string | undefined;
  /** Undefined when selectors are not confined to the local cluster. */
  readonly cluster?: string | undefined;
  /** A clusterwide policy whose subject mentions `reserved:init` reaches peers without a namespace too. */
  readonly subjectIsInit: boolean;
}

/** The conditions of `fromEndpoints`/`toEndpoints` with those that Cilium adds. A `reserved:` key keeps all of them away. */
export function peerRequirements(written: Requirements, { namespace, cluster, subjectIsInit }: PeerDefaults): Requirements {
  if (written.some(({ source }) => source === 'reserved')) return written;
  const added: Requirement[] = [];
  if (!written.some((one) => isOnKey(one, POD_NAMESPACE))) {
    if (namespace === undefined) {
      if (!subjectIsInit) added.push(exists('k8s', POD_NAMESPACE));
    } else if (!written.some(({ source, key }) => key.startsWith(NAMESPACE_LABELS) && (source === 'k8s' || source === 'any')))
      added.push(equals('k8s', POD_NAMESPACE, namespace));
  }
  return inCluster([...written, ...added], cluster);
}

/** Adds the local cluster unless the selector names one. */
export function inCluster(requirements: Requirements, cluster: string | undefined): Requirements {
  const isNamed = cluster === undefined || requirements.some((one) => isOnKey(one, POLICY_CLUSTER));
  return isNamed ? requirements : [...requirements, equals('k8s', POLICY_CLUSTER, cluster)];
}
