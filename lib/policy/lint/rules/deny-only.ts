// Cilium: any section of a direction switches on default deny. Threads: devantler-tech/platform#3407, #3408.
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenSpecs } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const denyOnly: LintRule = {
  id: 'deny-only',
  severity: 'warning',
  title: 'closes a direction by denying something in it',
  why: 'A deny section counts like an allow section: it switches on default deny for its direction. Without an allow in this or another policy nothing passes any more.',
  fix: 'Set enableDefaultDeny for this direction to false where all else is to stay open.',
  source: 'https://docs.cilium.io/en/stable/security/policy/deny/',
  example: {
    bad: 'endpointSelector: {}\negressDeny:\n  - toEntities: [world]\n',
    good: 'endpointSelector: {}\negressDeny:\n  - toEntities: [world]\nenableDefaultDeny:\n  egress: false\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenSpecs(context))
      for (const direction of ['ingress', 'egress'] as const) {
        const isOpen =
          recordOf(fields['enableDefaultDeny'])[direction] === false && !context.config.disableNonDefaultDenyPolicies;
        if (isOpen || listOf(fields[`${direction}Deny`]).length === 0 || listOf(fields[direction]).length > 0) continue;
        // Said on purpose.
        if (recordOf(fields['enableDefaultDeny'])[direction] === true) continue;
        yield {
          policy: policy.ref,
          path: `${path}.${direction}Deny`,
          message: `this also closes ${direction} by default: what no other policy allows is denied too`,
        };
      }
  },
};
