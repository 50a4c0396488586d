import { expect } from 'vitest';
import { type LintOptions, lintPolicies } from '#lib/policy/lint/lint.ts';
import { parsePolicies } from '#lib/policy/parse.ts';
import type { World } from '#lib/policy/model.ts';
import { EMPTY_WORLD } from './judge-input.ts';

/** A CiliumNetworkPolicy `shop/example` with this spec; `head` in its place for another kind or name. */
export const policyWith = (
  spec: string,
  head = 'kind: CiliumNetworkPolicy\nmetadata:\n  name: example\n  namespace: shop',
): string =>
  `apiVersion: ${head.includes('kind: NetworkPolicy') ? 'networking.k8s.io/v1' : 'cilium.io/v2'}\n${head}\nspec:\n${spec.replaceAll(/^(?=.)/gm, '  ')}\n`;

export const knp = 'kind: NetworkPolicy\nmetadata:\n  name: example\n  namespace: shop';
export const ccnp = 'kind: CiliumClusterwideNetworkPolicy\nmetadata:\n  name: example';

/** A world with nothing in it but what is given. */
export const aWorld = (facts: Partial<World> = {}): World => ({ ...EMPTY_WORLD, ...facts });

/** What a lint rule says of policies, each finding as `severity path: message`. */
export function findingsOf(ruleId: string, yaml: string, options: LintOptions = {}): string[] {
  const { objects, problems } = parsePolicies(yaml);
  expect(problems).toEqual([]);
  return lintPolicies(
    objects.map(({ object }) => object),
    options,
  )
    .filter((finding) => finding.ruleId === ruleId)
    .map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}

/** Expects a lint rule to say just this of policies. */
export const expectFindings = (ruleId: string, yaml: string, findings: readonly string[], options?: LintOptions): void =>
  expect(findingsOf(ruleId, yaml, options)).toEqual(findings);
