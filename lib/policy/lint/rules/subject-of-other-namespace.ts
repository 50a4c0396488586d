// Cilium pkg/k8s/apis/cilium.io/utils (ParseToCiliumRule): the policy's own namespace is forced into the subject.
import { POD_NAMESPACE } from '../../labels.ts';
import { isOnKey, requirementsOf } from '../../selector.ts';
import { writtenSpecs } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const subjectOfOtherNamespace: LintRule = {
  id: 'subject-of-other-namespace',
  severity: 'error',
  title: 'is for pods of another namespace',
  why: 'A namespaced policy is for pods of its own namespace only: k8s:io.kubernetes.pod.namespace in matchLabels is replaced by it; the same key otherwise is kept and met by no pod.',
  fix: 'Put the policy into that namespace, or make it a CiliumClusterwideNetworkPolicy.',
  source: 'https://docs.cilium.io/en/stable/security/policy/kubernetes/#namespaces',
  example: {
    bad: 'endpointSelector:\n  matchLabels:\n    io.kubernetes.pod.namespace: other\ningress:\n  - fromEndpoints:\n      - {}\n',
    good: 'endpointSelector:\n  matchLabels:\n    app: web\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check(context) {
    for (const { policy, path, fields } of writtenSpecs(context)) {
      if (policy.object.kind !== 'CiliumNetworkPolicy') continue;
      const own = policy.object.metadata.namespace || 'default';
      const other = requirementsOf(fields['endpointSelector']).find(
        (one) => isOnKey(one, POD_NAMESPACE) && (one.operator === 'equals' || one.operator === 'in') && !one.values.includes(own),
      );
      if (!other) continue;
      const isReplaced = other.source === 'k8s' && other.operator === 'equals';
      const names = other.values.join(', ').slice(0, 120);
      yield {
        policy: policy.ref,
        path: `${path}.endpointSelector`,
        message: isReplaced
          ? `it is for pods of ${own}, not of ${names}`
          : `it selects nobody: it asks for namespace ${names} in namespace ${own}`,
      };
    }
  },
};
