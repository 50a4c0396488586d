import { describeExpression } from './describe-selector.ts';
import { type LabelSet, POD_NAMESPACE, POLICY_CLUSTER } from './labels.ts';
import type { Requirement } from './selector.ts';

const OPERATORS = { equals: 'In', in: 'In', 'not-in': 'NotIn', exists: 'Exists', 'not-exists': 'DoesNotExist' } as const;

/** A condition in words: `app=ledger`, `namespace=payments`, `world`, `a pod of the cluster`. */
export function describeRequirement({ source, key, operator, values }: Requirement): string {
  if (source === 'reserved' && (operator === 'equals' || operator === 'exists')) return key;
  if (key === POLICY_CLUSTER) return operator === 'equals' ? `cluster ${values.join('')}` : 'a cluster';
  if (key === POD_NAMESPACE && operator === 'exists') return 'a pod';
  return describeExpression({ key, operator: OPERATORS[operator], values });
}

/** What an identity has where a condition fails: `app=payments-db`, `no label tier`. Undefined where its name says more. */
export function shownLabel(labels: LabelSet, { source, key }: Requirement): string | undefined {
  if (source === 'reserved') return undefined;
  const [found] = labels.byKey.get(key) ?? [];
  const isPod = labels.byKey.has(POD_NAMESPACE);
  if (found) return describeRequirement({ source: 'any', key, operator: 'equals', values: [found.value] });
  return isPod ? `no label ${key}` : undefined;
}
