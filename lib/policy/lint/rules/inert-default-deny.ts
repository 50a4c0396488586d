// Cilium: default deny is a property of entries; without an entry there is nothing to carry it.
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenSpecs } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const inertDefaultDeny: LintRule = {
  id: 'inert-default-deny',
  severity: 'error',
  title: 'closes nothing though it says so',
  why: 'enableDefaultDeny is carried by the entries of its direction: in a direction without entries it does nothing.',
  fix: 'Add an empty entry to the direction, e.g. egress: [{}].',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#ingress-egress-default-deny',
  example: {
    bad: 'endpointSelector: {}\nenableDefaultDeny:\n  egress: true\ningress:\n  - fromEndpoints:\n      - {}\n',
    good: 'endpointSelector: {}\nenableDefaultDeny:\n  egress: true\negress:\n  - {}\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenSpecs(context))
      for (const direction of ['ingress', 'egress'] as const) {
        const isEmpty = [direction, `${direction}Deny`].every((section) => listOf(fields[section]).length === 0);
        if (isEmpty && recordOf(fields['enableDefaultDeny'])[direction] === true)
          yield {
            policy: policy.ref,
            path: `${path}.enableDefaultDeny.${direction}`,
            message: `there is no entry for ${direction}: it stays open`,
          };
      }
  },
};
