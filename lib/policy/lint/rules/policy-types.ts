// Cilium pkg/k8s/network_policy.go: rules count in both directions; the Kubernetes API text says otherwise.
import { listOf, recordOf } from '../../schema/problems.ts';
import type { LintRule } from '../rule.ts';

export const policyTypes: LintRule = {
  id: 'policy-types',
  severity: 'warning',
  title: 'has rules in a direction that policyTypes leaves out',
  why: 'By the Kubernetes API such rules are ignored. Cilium enforces them all the same, and closes the direction by default.',
  fix: 'Name the direction in policyTypes, or take its rules away.',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  *check({ policies }) {
    for (const { ref, object } of policies) {
      const spec = recordOf(object.spec);
      const types = listOf(spec['policyTypes']);
      if (object.kind !== 'NetworkPolicy' || types.length === 0) continue;
      for (const [section, type] of [
        ['ingress', 'Ingress'],
        ['egress', 'Egress'],
      ] as const)
        if (listOf(spec[section]).length > 0 && !types.includes(type))
          yield {
            policy: ref,
            path: `spec.${section}`,
            message: `policyTypes has no ${type}: Cilium enforces these rules, other engines do not`,
          };
    }
  },
};
