// Cilium pkg/k8s/apis/cilium.io/utils (getEndpointSelector): what is added to fromEndpoints and toEndpoints, and when it is not.
import { NAMESPACE_LABELS } from '../../labels.ts';
import { isOnKey, type Requirements, requirementsOf } from '../../selector.ts';
import { POD_NAMESPACE } from '../../labels.ts';
import { listOf } from '../../schema/problems.ts';
import { type LintContext, writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

const source = 'https://docs.cilium.io/en/stable/security/policy/kubernetes/#namespaces';

/** Peer selectors of all entries, with what is written in them. */
function* selectorsOf(context: LintContext) {
  for (const { policy, path, fields, direction } of writtenEntries(context)) {
    const field = direction === 'ingress' ? 'fromEndpoints' : 'toEndpoints';
    for (const [index, item] of listOf(fields[field]).entries())
      yield { policy, path: `${path}.${field}[${index}]`, written: requirementsOf(item) as Requirements };
  }
}

export const liftedNamespace: LintRule = {
  id: 'lifted-namespace',
  severity: 'warning',
  title: 'reaches other namespaces by what it excludes',
  why: 'A peer selector is confined to the policy’s own namespace unless it speaks of namespace labels. NotIn and DoesNotExist speak of them too: pods of every namespace that lacks the label come in, kube-system included.',
  fix: 'Name the namespaces that are meant by In, or by io.kubernetes.pod.namespace.',
  source,
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - matchExpressions:\n          - key: io.cilium.k8s.namespace.labels.env\n            operator: NotIn\n            values: [dev]\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - matchExpressions:\n          - key: io.cilium.k8s.namespace.labels.env\n            operator: In\n            values: [prod]\n',
  },
  *check(context) {
    for (const { policy, path, written } of selectorsOf(context)) {
      if (policy.object.kind !== 'CiliumNetworkPolicy' || written.some((one) => isOnKey(one, POD_NAMESPACE))) continue;
      const named = written.filter(
        ({ key, source: from }) => key.startsWith(NAMESPACE_LABELS) && (from === 'k8s' || from === 'any'),
      );
      if (named.length > 0 && named.every(({ operator }) => operator === 'not-in' || operator === 'not-exists'))
        yield {
          policy: policy.ref,
          path,
          message: 'pods of every namespace without this label are selected, kube-system included',
        };
    }
  },
};

export const liftedByReserved: LintRule = {
  id: 'lifted-by-reserved',
  severity: 'warning',
  title: 'reaches other namespaces and clusters by a reserved key',
  why: 'A key of reserved: in a peer selector takes away both what confines it to the policy’s namespace and what confines it to the local cluster. Excluding a reserved entity leaves everybody else, everywhere.',
  fix: 'Add io.kubernetes.pod.namespace to the selector, or use fromEntities for reserved entities.',
  source,
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - matchLabels:\n          role: gateway\n        matchExpressions:\n          - key: reserved:host\n            operator: DoesNotExist\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - matchLabels:\n          role: gateway\n',
  },
  *check(context) {
    for (const { policy, path, written } of selectorsOf(context)) {
      const named = written.filter(({ source: from }) => from === 'reserved');
      const isExcluding = named.length > 0 && named.every(({ operator }) => operator === 'not-in' || operator === 'not-exists');
      if (isExcluding && !written.some((one) => isOnKey(one, POD_NAMESPACE)))
        yield { policy: policy.ref, path, message: 'this selector is confined to no namespace and no cluster' };
    }
  },
};
