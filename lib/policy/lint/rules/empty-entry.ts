// Cilium: an entry without peers and ports selects nothing and switches on default deny; Kubernetes: an empty rule allows everything.
import { writtenEntries } from '../context.ts';
import type { LintRule } from '../rule.ts';

export const emptyEntry: LintRule = {
  id: 'empty-entry',
  severity: 'warning',
  title: 'has an entry that names nothing',
  why: 'In Cilium’s kinds an entry without peers and ports matches no traffic and closes the direction; in a Kubernetes NetworkPolicy the same entry allows everything.',
  fix: 'Write fromEntities: [all] to allow everything; to close the direction, an empty entry says it, and enableDefaultDeny says it more clearly.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#ingress-egress-default-deny',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - authentication:\n      mode: required\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEntities: [cluster]\n    authentication:\n      mode: required\n',
  },
  *check(context) {
    for (const { policy, path, fields, isDeny } of writtenEntries(context)) {
      const given = Object.entries(fields).filter(([, value]) => value !== null);
      const others = given.filter(([key]) => key !== 'authentication');
      // `- {}` is the usual way to close a direction: who writes it means it.
      if (others.length > 0 || (given.length === 0 && !isDeny)) continue;
      yield {
        policy: policy.ref,
        path,
        message: `this entry ${isDeny ? 'denies' : 'allows'} nothing: it names no peer and no port`,
      };
    }
  },
};
