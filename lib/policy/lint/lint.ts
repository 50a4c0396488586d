import type { PolicyObject, PolicyRef, TextPlace, World } from '../model.ts';
import { type ClusterSettings, lintContext } from './context.ts';
import { findingId, type LintFinding, SEVERITIES } from './finding.ts';
import { LINT_RULES } from './rules.ts';

export interface LintOptions {
  /** The cluster's objects; without them rules that need them say nothing. */
  readonly world?: World;
  readonly cluster?: ClusterSettings;
  /** Where a path of a policy stands in its text. */
  readonly placeOf?: (policy: PolicyRef, path: string) => TextPlace | undefined;
}

/**
 * What is noteworthy about policies that are in force together. By severity, then in the order of the policies. A finding of a rule, policy and path is
 * there once.
 */
export function lintPolicies(
  objects: readonly PolicyObject[],
  { world, cluster = {}, placeOf }: LintOptions = {},
): LintFinding[] {
  const context = lintContext(objects, world, cluster);
  const findings = new Map<string, LintFinding>();
  for (const rule of LINT_RULES)
    for (const { policy, path, message, severity = rule.severity, why = rule.why, fix = rule.fix } of rule.check(context)) {
      const id = findingId(rule.id, policy, path);
      if (findings.has(id)) continue;
      const place = placeOf?.(policy, path);
      findings.set(id, {
        id,
        ruleId: rule.id,
        severity,
        policy,
        path,
        ...(place && { place }),
        message,
        why,
        ...(fix !== undefined && { fix }),
        source: rule.source,
      });
    }
  const order = new Map(context.policies.map(({ ref }, index) => [ref, index]));
  const rank = ({ severity, policy }: LintFinding): number =>
    SEVERITIES.indexOf(severity) * objects.length + (order.get(policy) ?? 0);
  return [...findings.values()].toSorted((a, b) => rank(a) - rank(b));
}
