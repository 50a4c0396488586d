// Cilium 1.20: mutual authentication by SPIRE is deprecated, Kafka and l7proto rules are removed. Threads: cilium/cilium #47132, PRs #47162, #48647.
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const mutualAuthDeprecated: LintRule = {
  id: 'mutual-auth-deprecated',
  severity: 'note',
  title: 'uses mutual authentication, which is on its way out',
  why: 'Cilium’s mutual authentication by SPIRE is deprecated in 1.20 and planned to go after it; ztunnel is named as its successor.',
  fix: 'Plan what takes its place before the cluster goes beyond 1.20.',
  source: 'https://github.com/cilium/cilium/issues/47132',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n    authentication:\n      mode: required\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check({ policies }) {
    for (const { ref, entries } of policies) {
      const [first, ...others] = entries.filter(({ auth }) => auth === 'required');
      if (first)
        yield {
          policy: ref,
          path: `${first.path}.authentication`,
          message: `mutual authentication is demanded here${others.length > 0 ? ` and in ${others.length} more` : ''}`,
        };
    }
  },
};

export const removedParser: LintRule = {
  id: 'removed-parser',
  severity: 'warning',
  title: 'uses an L7 parser that Cilium removes',
  why: 'Kafka rules and proxylib parsers (l7proto) are deprecated and not there any more in 1.20: the policy is refused after an upgrade.',
  fix: 'Replace them by rules for the port alone before the upgrade.',
  source: 'https://docs.cilium.io/en/stable/operations/upgrade/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "9092"\n            protocol: TCP\n        rules:\n          kafka:\n            - topic: orders\n',
    good: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "9092"\n            protocol: TCP\n',
  },
  *check(context) {
    for (const { policy, path, fields, isDeny } of writtenEntries(context))
      for (const [index, item] of listOf(fields['toPorts']).entries())
        for (const kind of ['kafka', 'l7proto'])
          if (!isDeny && (recordOf(recordOf(item)['rules'])[kind] ?? null) !== null)
            yield {
              policy: policy.ref,
              path: `${path}.toPorts[${index}].rules.${kind}`,
              message: `${kind} rules are removed in Cilium 1.20`,
            };
  },
};
