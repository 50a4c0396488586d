// Cilium: a port of an endpoint has one proxy; which of two parsers it gets is not defined.
import type { Entry } from '../../normalise.ts';
import type { Peers } from '../../peers.ts';
import type { PortSection } from '../../sections.ts';
import type { LintRule } from '../rule.ts';
import { ruleName } from '../words.ts';

export const l7KindsOnOnePort: LintRule = {
  id: 'l7-kinds-on-one-port',
  severity: 'warning',
  title: 'asks for another L7 parser on a port that has one',
  why: 'Rules for different peers may name different L7 parsers for one port. Such a port shares one proxy, and which parser wins is not defined.',
  fix: 'Use one kind of L7 rules for a port of a workload.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer7/',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toEndpoints: [{matchLabels: {app: a}}]\n    toPorts: [{ports: [{port: "53", protocol: TCP}], rules: {dns: [{matchPattern: "*"}]}}]\n  - toEndpoints: [{matchLabels: {app: b}}]\n    toPorts: [{ports: [{port: "53", protocol: TCP}], rules: {http: [{}]}}]\n',
    good: 'endpointSelector: {}\negress:\n  - toEndpoints: [{matchLabels: {app: a}}]\n    toPorts: [{ports: [{port: "53", protocol: TCP}], rules: {dns: [{matchPattern: "*"}]}}]\n',
  },
  *check({ subjects }) {
    const told = new Set<Entry>();
    for (const entry of subjects.entries.filter(redirects))
      for (const other of subjects.for(entry)) {
        if (!redirects(other) || !sharesPort(other, entry)) continue;
        const [first, second] = subjects.isBefore(other, entry) ? [other, entry] : [entry, other];
        if (told.has(second)) continue;
        told.add(second);
        yield {
          policy: second.policy,
          path: second.path,
          message: `${ruleName(first, second)} has another kind of L7 rules on the same port`,
        };
      }
  },
};

const redirects = ({ deny, ports }: Entry): boolean => !deny && (ports?.some(({ l7 }) => l7) ?? false);

function sharesPort(a: Entry, b: Entry): boolean {
  const shares = a.ports?.some((one) => b.ports?.some((other) => differ(one, other)));
  // The same peers are a contradiction, which another rule tells.
  return (shares ?? false) && !sharesPeer(a.peers, b.peers);
}

const differ = (a: PortSection, b: PortSection): boolean =>
  a.l7 !== undefined &&
  b.l7 !== undefined &&
  a.l7.parser !== b.l7.parser &&
  a.protocol === b.protocol &&
  a.name === b.name &&
  a.first <= b.last &&
  b.first <= a.last;

function sharesPeer(a: Peers, b: Peers): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.some(({ key }) => b.some((peer) => peer.key === key));
}
