// Cilium pkg/policy (merging of L4 filters): two rules for one peer and port that cannot both hold. Threads: cilium/cilium PR #26644.
import { conflictOf } from '../../conflicts.ts';
import type { Entry } from '../../normalise.ts';
import type { LintRule } from '../rule.ts';
import { ruleName } from '../words.ts';

export const contradiction: LintRule = {
  id: 'contradiction',
  severity: 'error',
  title: 'contradicts another rule',
  why: 'Two rules for the same peer and the same port that ask for different L7 parsers, authentication modes, TLS contexts or listeners cannot be merged. The whole policy of every pod they select fails to compute, in both directions: it keeps the policy it had before.',
  fix: 'Make the two rules say the same, or confine them to different peers or ports.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer7/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - toPorts: [{ports: [{port: "80", protocol: TCP}]}]\n    authentication:\n      mode: required\n  - toPorts: [{ports: [{port: "80", protocol: TCP}]}]\n    authentication:\n      mode: disabled\n',
    good: 'endpointSelector: {}\ningress:\n  - toPorts: [{ports: [{port: "80", protocol: TCP}]}]\n    authentication:\n      mode: required\n',
  },
  *check({ subjects }) {
    for (const entry of subjects.entries) {
      if (!asks(entry)) continue;
      // Told where the later of the two stands: what is in force for its subjects up to it.
      const conflict = conflictOf(subjects.for(entry).filter(asks));
      const other = conflict?.first === entry ? conflict.second : conflict?.first;
      if (
        conflict &&
        other &&
        (conflict.first === entry || conflict.second === entry) &&
        isToldHere(conflict.second === entry, subjects.for(other).includes(entry))
      )
        yield {
          policy: entry.policy,
          path: entry.path,
          message: `it cannot be merged with ${ruleName(other, entry)}: pods that both select keep their former policy`,
        };
    }
  },
};

/** Of two rules for equal subjects the second is told, else the one for fewer subjects, which sees the other. */
const isToldHere = (isSecond: boolean, isForEqualSubjects: boolean): boolean => isSecond || !isForEqualSubjects;

const asks = ({ deny, auth, ports }: Entry): boolean => !deny && (auth !== undefined || (ports?.some(({ l7 }) => l7) ?? false));
