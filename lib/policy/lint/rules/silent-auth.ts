// Cilium pkg/policy (authentication is merged by peer and port; a silent entry inherits). Threads: cilium/cilium #28986.
import type { Entry } from '../../normalise.ts';
import { coversPeers, coversPorts } from '../covers.ts';
import type { LintRule } from '../rule.ts';
import { ruleName } from '../words.ts';

export const silentAuth: LintRule = {
  id: 'silent-auth',
  severity: 'note',
  title: 'says nothing of authentication where another rule demands it',
  why: 'Authentication that one rule demands holds for traffic that a silent rule allows as well, and with disabled in the play the more specific rule decides; where both are equally specific the agent’s result can vary with the order of events.',
  fix: 'Write authentication.mode in both rules.',
  source: 'https://docs.cilium.io/en/stable/network/servicemesh/mutual-authentication/mutual-authentication/',
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n    authentication:\n      mode: required\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    toPorts:\n      - ports:\n          - port: "80"\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n    authentication:\n      mode: required\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    authentication:\n      mode: required\n    toPorts:\n      - ports:\n          - port: "80"\n',
  },
  *check({ subjects }) {
    for (const silent of subjects.entries) {
      if (silent.deny || silent.auth !== undefined || silent.peers === 'nobody') continue;
      const by = subjects.for(silent).find((other) => other.auth !== undefined && meets(other, silent));
      if (by)
        yield {
          policy: silent.policy,
          path: silent.path,
          message: `${ruleName(by, silent)} sets authentication ${by.auth} for this traffic, this rule says nothing`,
        };
    }
  },
};

/** Whether the rule that demands authentication is for this traffic, or for some of its ports. */
const meets = (demanding: Entry, silent: Entry): boolean =>
  coversPeers(demanding.peers, silent.peers) &&
  (coversPorts(demanding.ports, silent.ports) || coversPorts(silent.ports, demanding.ports));
