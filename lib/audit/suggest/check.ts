import { changesOf } from '#lib/audit/compare.ts';
import type { JudgeInput } from '#lib/audit/judge-input.ts';
import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import type { SuggestedSet } from './suggestion.ts';

/** The set in force with policies added, set against the set in force alone, over all traffic: what a what-if of them would say. */
export function checkSuggestion(
  input: JudgeInput,
  inForce: CompiledPolicies,
  added: readonly PolicyObject[],
): SuggestedSet['check'] {
  const changes = changesOf(input, inForce, compilePolicies(input.world, [...input.policies, ...added]));
  const count = (kind: string) => changes.filter((change) => change.kind === kind).length;
  return {
    tuples: changes.length,
    newlyDenied: count('newly-denied'),
    newlyAllowed: count('newly-allowed'),
    unknown: count('unknown'),
  };
}
