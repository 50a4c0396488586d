// Cilium pkg/policy (an element of toPorts without ports makes no filter).
import { listOf, recordOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const portsWithoutList: LintRule = {
  id: 'ports-without-list',
  severity: 'warning',
  title: 'has an element of toPorts without ports',
  why: 'An element of toPorts opens the ports that it lists: without any it opens none, whatever L7 rules stand beside.',
  fix: 'List the ports; port "0" stands for all of a protocol.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer4/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - rules:\n          http:\n            - method: GET\n',
    good: 'endpointSelector: {}\ningress:\n  - toPorts:\n      - ports:\n          - port: "80"\n            protocol: TCP\n        rules:\n          http:\n            - method: GET\n',
  },
  *check(context) {
    for (const { policy, path, fields, isDeny } of writtenEntries(context))
      for (const [index, item] of listOf(fields['toPorts']).entries())
        if (listOf(recordOf(item)['ports']).length === 0)
          yield {
            policy: policy.ref,
            path: `${path}.toPorts[${index}]`,
            message: `no ports are listed: this ${isDeny ? 'denies' : 'opens'} nothing`,
          };
  },
};
