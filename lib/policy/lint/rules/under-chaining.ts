// Cilium chained behind the AWS VPC CNI has no proxies. Threads: cilium/cilium #12454, #16599, #29922, #20720, #34001, PR #47269.
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const underChaining: LintRule = {
  id: 'l7-under-chaining',
  severity: 'error',
  title: 'needs a proxy that a chained cluster has not',
  why: 'With cni.chainingMode: aws-cni Cilium enforces L3 and L4 only: HTTP and DNS rules, toFQDNs, server names and listeners are refused or do not work.',
  fix: 'Hold the policy back until the cluster runs Cilium’s own IPAM, or reduce it to L3 and L4.',
  source: 'https://docs.cilium.io/en/stable/installation/cni-chaining-aws-cni/',
  needs: 'cluster settings',
  *check(context) {
    if (!context.facts.chaining) return;
    for (const { policy, path, fields, isDeny } of writtenEntries(context)) {
      if (isDeny) continue;
      if (listOf(fields['toFQDNs']).length > 0)
        yield { policy: policy.ref, path: `${path}.toFQDNs`, message: 'names cannot be allowed in a chained cluster' };
      for (const [index, item] of listOf(fields['toPorts']).entries())
        for (const field of ['rules', 'serverNames', 'terminatingTLS', 'originatingTLS', 'listener'])
          if ((recordOf(item)[field] ?? null) !== null)
            yield {
              policy: policy.ref,
              path: `${path}.toPorts[${index}].${field}`,
              message: `${field} is not possible in a chained cluster`,
            };
    }
  },
};
