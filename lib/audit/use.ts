import type { PolicyRef, RuleRef } from '#lib/policy/model.ts';
import type { Outcome } from './judge.ts';
import type { ReplayTuple } from './judge-input.ts';

/** What traffic a rule or a policy covered in a window. */
export interface Use {
  readonly flows: number;
  readonly tuples: number;
  /** Unix milliseconds; undefined where nothing was covered. */
  readonly lastHit: number | undefined;
}

export interface PolicyUse {
  /** Of the policy: a tuple that several of its rules cover counts once. */
  readonly policies: ReadonlyMap<PolicyRef, Use>;
  /** Of a rule, by `ruleKey`. */
  readonly rules: ReadonlyMap<string, Use>;
}

export const UNUSED: Use = { flows: 0, tuples: 0, lastHit: undefined };

/** Key of a rule in `PolicyUse.rules`. */
export const ruleKey = ({ policy, path }: RuleRef): string => `${policy} ${path}`;

/** Which rules cover the tuples, at either end, whether they decide or not. `outcomes` are those of the tuples, in the same order. */
export function useOf(tuples: readonly ReplayTuple[], outcomes: readonly Outcome[]): PolicyUse {
  const policies = new Map<PolicyRef, Sum>();
  const rules = new Map<string, Sum>();
  tuples.forEach((tuple, index) => {
    const decision = outcomes[index]?.decision;
    if (!decision) return;
    const { egress, ingress } = decision;
    const covering = [egress.allowRules, egress.denyRules, ingress.allowRules, ingress.denyRules].flat();
    for (const key of new Set(covering.map(ruleKey))) count(rules, key, tuple);
    for (const policy of new Set(covering.map((rule) => rule.policy))) count(policies, policy, tuple);
  });
  return { policies, rules };
}

interface Sum {
  flows: number;
  tuples: number;
  lastHit: number;
}

function count(sums: Map<string, Sum>, key: string, { flows, lastSeen }: ReplayTuple): void {
  const sum = sums.get(key) ?? { flows: 0, tuples: 0, lastHit: 0 };
  sums.set(key, sum);
  sum.flows += flows;
  sum.tuples += 1;
  sum.lastHit = Math.max(sum.lastHit, lastSeen);
}
