// Cilium pkg/policy/api (an empty list that is present selects nobody). Threads: cilium/cilium PR #29608.
import { listOf } from '../../schema/problems.ts';
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

const FIELDS = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet'];

export const emptyPeerList: LintRule = {
  id: 'empty-peer-list',
  severity: 'warning',
  title: 'has a list of peers that is empty',
  why: 'A list of peers that is there and empty names nobody, and silences the whole entry, even beside peers that are filled. The direction is closed by default all the same.',
  fix: 'Take the empty list away, or write [{}] for all pods of the namespace.',
  source: 'https://github.com/cilium/cilium/pull/29608',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints: []\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n',
  },
  *check(context) {
    for (const { policy, path, fields, direction } of writtenEntries(context))
      for (const field of FIELDS.map((name) => `${direction === 'ingress' ? 'from' : 'to'}${name}`))
        if (Array.isArray(fields[field]) && listOf(fields[field]).length === 0)
          yield { policy: policy.ref, path: `${path}.${field}`, message: `${field} is empty: this entry names nobody` };
  },
};
