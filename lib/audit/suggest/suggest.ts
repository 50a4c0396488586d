import type { JudgeInput } from '#lib/audit/judge-input.ts';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { describeRule } from '#lib/policy/describe.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { checkSuggestion } from './check.ts';
import { confidenceOf, windowCautions } from './confidence.ts';
import { summariseLeftOut } from './connection.ts';
import { knownPods } from './known-pods.ts';
import { type PlannedPolicy, type PlannedSide, planPolicies } from './plan.ts';
import type { PolicySuggestion, RuleSuggestion, SuggestedSet, SuggestScope } from './suggestion.ts';
import { trafficOf } from './traffic.ts';
import { policyObject, policyYaml } from './yaml.ts';

/**
 * The least set of CiliumNetworkPolicies that allows what was seen of a scope, one for each workload. `inForce` is the set that stands now, compiled from
 * `input.policies`: what it denies is not suggested, however often it passed. The answer does not depend on the order of the tuples.
 */
export function suggestPolicies(input: JudgeInput, scope: SuggestScope, inForce: CompiledPolicies): SuggestedSet {
  const plan = planPolicies(input, scope, inForce);
  const known = knownPods(input.world);
  const made = plan.policies.map((planned) => ({ planned, object: policyObject(planned.policy) }));
  const policies = made.map(({ planned, object }) => suggestionOf(planned, object, input, known));
  return {
    from: input.from,
    to: input.to,
    yaml: policies.map(({ yaml }) => yaml).join('---\n'),
    policies,
    guardRails: [...windowCautions(input), ...plan.guardRails],
    check: checkSuggestion(
      input,
      inForce,
      made.map(({ object }) => object),
    ),
    leftOut: summariseLeftOut(plan.leftOut),
  };
}

type Known = ReturnType<typeof knownPods>;

function suggestionOf(
  { subject, policy, sides }: PlannedPolicy,
  object: PolicyObject,
  window: JudgeInput,
  known: Known,
): PolicySuggestion {
  return {
    policy: refOf(object),
    workload: `${policy.namespace}/${subject.workload}`,
    yaml: policyYaml(policy),
    rules: sides.flatMap((side) => rulesOfSide(side, object, window, known)),
  };
}

const rulesOfSide = ({ side, rules }: PlannedSide, object: PolicyObject, window: JudgeInput, known: Known): RuleSuggestion[] =>
  rules.map(({ needs }, index) => {
    const path = `spec.${side.direction}[${index}]`;
    const connections = [...new Set(needs.flatMap((need) => need.connections))];
    return {
      path,
      text: describeRule(object, path),
      traffic: trafficOf(connections),
      trafficTotal: connections.length,
      ...confidenceOf(needs, side, window, known),
    };
  });
