// Cilium: of all rules that cover a connection one without L7 rules lets every request pass. Threads: cilium/cilium #3509, PR #3732.
import type { Entry } from '../../normalise.ts';
import { coversPeers, coversSection } from '../covers.ts';
import type { LintRule } from '../rule.ts';
import { ruleName } from '../words.ts';

export const httpBypassed: LintRule = {
  id: 'http-bypassed',
  severity: 'error',
  title: 'has HTTP rules that another rule makes useless',
  why: 'A request passes if one of the rules for this peer and port has no HTTP rules: allowing the peer at L3 or L4 beside them lets every request through. DNS rules are other: an allow of the peer alone does not widen those.',
  fix: 'Take the plain allow away, or confine it to other ports or peers.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer7/',
  example: {
    bad: 'endpointSelector:\n  matchLabels:\n    app: api\ningress:\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    toPorts:\n      - ports:\n          - port: "8080"\n            protocol: TCP\n        rules:\n          http:\n            - method: GET\n',
    good: 'endpointSelector:\n  matchLabels:\n    app: api\ningress:\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    toPorts:\n      - ports:\n          - port: "8080"\n            protocol: TCP\n        rules:\n          http:\n            - method: GET\n',
  },
  *check({ subjects }) {
    for (const entry of subjects.entries) {
      const isGuarded = !entry.deny && entry.ports?.some(({ l7 }) => l7?.kind === 'http');
      const by = isGuarded ? subjects.for(entry).find((other) => !other.deny && bypasses(other, entry)) : undefined;
      if (by)
        yield {
          policy: entry.policy,
          path: entry.path,
          message: `${ruleName(by, entry)} allows the same peers without HTTP rules: every request passes`,
        };
    }
  },
};

/** Whether a rule lets through, without looking at requests, whatever the HTTP rules of another look at. */
function bypasses(other: Entry, entry: Entry): boolean {
  if (other === entry) return false;
  const guarded = (entry.ports ?? []).filter(({ l7 }) => l7?.kind === 'http');
  const plain = other.ports?.filter(({ l7 }) => l7 === undefined);
  return (
    guarded.every((section) => plain === undefined || plain.some((one) => coversSection(one, section))) &&
    coversPeers(other.peers, entry.peers)
  );
}
