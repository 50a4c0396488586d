// Policy is a union: a rule that another takes in wholly adds nothing, and a deny wins over every allow.
import { coveredBy, coversTraffic, isInert } from '../covers.ts';
import type { LintRule } from '../rule.ts';
import { counted, ruleName } from '../words.ts';

const source = 'https://docs.cilium.io/en/stable/security/policy/intro/#rule-basics';

export const shadowedRule: LintRule = {
  id: 'shadowed-rule',
  severity: 'note',
  title: 'says what another rule says already',
  why: 'Rules add up: what one allows (or denies) needs no other. A rule that is covered wholly can go, but for the default deny of its direction where it is the only one there.',
  fix: 'Take it away, or narrow the wider rule if that is what was meant.',
  source,
  example: {
    bad: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - {}\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    toPorts:\n      - ports:\n          - port: "80"\n',
    good: 'endpointSelector: {}\ningress:\n  - fromEndpoints:\n      - matchLabels:\n          app: web\n    toPorts:\n      - ports:\n          - port: "80"\n',
  },
  *check({ subjects }) {
    for (const [entry, by] of coveredBy(subjects)) {
      const own = by.find(({ policy }) => policy === entry.policy);
      const [first = entry] = own ? [own] : by;
      const more = by.length > 1 ? ` and ${counted(by.length - 1, 'other')}` : '';
      yield {
        policy: entry.policy,
        path: entry.path,
        ...(own && { severity: 'warning' }),
        message: `${ruleName(first, entry)}${more} ${entry.deny ? 'denies' : 'allows'} all of this already`,
      };
    }
  },
};

export const deniedRule: LintRule = {
  id: 'denied-rule',
  severity: 'warning',
  title: 'allows what another rule denies',
  why: 'A deny wins over every allow, however specific and in whatever policy: a rule that a deny takes in wholly allows nothing.',
  fix: 'Narrow the deny, or take the allow away.',
  source: 'https://docs.cilium.io/en/stable/security/policy/deny/',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\negressDeny:\n  - toEntities: [world]\n',
    good: 'endpointSelector: {}\negress:\n  - toEntities: [cluster]\negressDeny:\n  - toCIDR: [203.0.113.0/24]\n',
  },
  *check({ subjects }) {
    for (const entry of subjects.entries) {
      if (entry.deny || isInert(entry)) continue;
      const by = subjects.for(entry).find((other) => other.deny && !isInert(other) && coversTraffic(other, entry));
      if (by)
        yield {
          policy: entry.policy,
          path: entry.path,
          message: `${ruleName(by, entry)} denies all of this: the allow has no effect`,
        };
    }
  },
};
