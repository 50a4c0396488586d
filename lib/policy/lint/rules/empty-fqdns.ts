// Cilium pkg/policy/api/egress.go: an empty toFQDNs is no peer at all, so that ports alone are left.
import { listOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const emptyFqdns: LintRule = {
  id: 'empty-fqdns',
  severity: 'error',
  title: 'opens ports to everyone by an empty list of names',
  why: 'Other than the lists of endpoints, entities and CIDRs, an empty toFQDNs does not name nobody: it counts as absent, and an entry with ports and without peers is for everyone.',
  fix: 'List the names, or take the entry away.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#dns-based',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toFQDNs: []\n    toPorts:\n      - ports:\n          - port: "443"\n',
    good: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\n    toPorts:\n      - ports:\n          - port: "443"\n  - toEndpoints:\n      - matchLabels:\n          k8s:io.kubernetes.pod.namespace: kube-system\n          k8s-app: kube-dns\n    toPorts:\n      - ports:\n          - port: "53"\n            protocol: ANY\n        rules:\n          dns:\n            - matchPattern: "*"\n',
  },
  *check(context) {
    for (const { policy, path, fields, section } of writtenEntries(context)) {
      const others = Object.keys(fields).some(
        (field) => field.startsWith('to') && field !== 'toFQDNs' && field !== 'toPorts' && listOf(fields[field]).length > 0,
      );
      if (section !== 'egress' || others || !Array.isArray(fields['toFQDNs']) || listOf(fields['toFQDNs']).length > 0) continue;
      const hasPorts = listOf(fields['toPorts']).length > 0 || listOf(fields['icmps']).length > 0;
      if (hasPorts)
        yield { policy: policy.ref, path: `${path}.toFQDNs`, message: 'toFQDNs is empty: these ports are open to everyone' };
    }
  },
};
