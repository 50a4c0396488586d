// Cilium: names are learned from answers that pass the DNS proxy. Threads: cilium/cilium #24654, #44064, #13308, #19045.
import type { Entry } from '../../normalise.ts';
import type { LintRule } from '../rule.ts';

export const fqdnWithoutDns: LintRule = {
  id: 'fqdn-without-dns',
  severity: 'error',
  title: 'allows names that are never learned',
  why: 'toFQDNs selects addresses that were learned from DNS answers, and answers are read only where a DNS rule sends the query through the proxy. Without one for the same pods the rule opens nothing.',
  fix: 'Add an egress rule to the resolver that is really used (kube-dns, node-local-dns), port 53, with rules.dns.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#dns-based',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\n',
    good: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\n  - toEndpoints:\n      - matchLabels:\n          k8s:io.kubernetes.pod.namespace: kube-system\n          k8s-app: kube-dns\n    toPorts:\n      - ports:\n          - port: "53"\n            protocol: ANY\n        rules:\n          dns:\n            - matchPattern: "*"\n',
  },
  *check({ subjects }) {
    const dns = subjects.entries.filter(isDns);
    /** Those for more pods than a DNS rule is for. */
    const wider = new Set(dns.flatMap((rule) => subjects.for(rule)));
    for (const entry of subjects.entries) {
      if (!namesNames(entry) || subjects.for(entry).some(isDns)) continue;
      const partly = wider.has(entry);
      yield {
        policy: entry.policy,
        path: `${entry.path}.toFQDNs`,
        ...(partly && { severity: 'warning' }),
        message: partly
          ? 'only some of the pods it selects have a DNS rule: for the others this opens nothing'
          : 'no DNS rule for these pods among these policies: no name is learned, this opens nothing',
      };
    }
  },
};

export const dnsRuleMissesNames: LintRule = {
  id: 'dns-refuses-name',
  severity: 'error',
  title: 'allows a name that its DNS rules refuse',
  why: 'A query for a name that no DNS rule matches is refused, so that its addresses are never learned.',
  fix: 'Allow the name in rules.dns too.',
  source: 'https://docs.cilium.io/en/stable/security/policy/layer3/#dns-based',
  example: {
    bad: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\n  - toEntities: [cluster]\n    toPorts:\n      - ports:\n          - port: "53"\n            protocol: ANY\n        rules:\n          dns:\n            - matchPattern: "*.example.org"\n',
    good: 'endpointSelector: {}\negress:\n  - toFQDNs:\n      - matchName: api.example.com\n  - toEntities: [cluster]\n    toPorts:\n      - ports:\n          - port: "53"\n            protocol: ANY\n        rules:\n          dns:\n            - matchPattern: "*.example.com"\n',
  },
  *check({ subjects }) {
    for (const entry of subjects.entries) {
      const names =
        entry.deny || typeof entry.peers === 'string'
          ? []
          : entry.peers.flatMap((peer) => (peer.kind === 'fqdn' ? (exactName(peer.key) ?? []) : []));
      const rules = names.length > 0 ? subjects.for(entry).filter(isDns) : [];
      const patterns = rules.flatMap(({ ports }) => ports?.flatMap(({ l7 }) => l7?.dns ?? []) ?? []);
      for (const name of patterns.length > 0 ? names : [])
        if (!patterns.some((pattern) => pattern.matches(name)))
          yield {
            policy: entry.policy,
            path: `${entry.path}.toFQDNs`,
            message: `no DNS rule of these pods matches ${name}: its addresses are never learned`,
          };
    }
  },
};

const isDns = ({ deny, direction, ports, peers }: Entry): boolean =>
  !deny && direction === 'egress' && peers !== 'nobody' && (ports?.some(({ l7 }) => l7?.kind === 'dns') ?? false);

const namesNames = ({ deny, peers }: Entry): boolean =>
  !deny && typeof peers !== 'string' && peers.some(({ kind }) => kind === 'fqdn');

/** The name of a selector by `matchName`. */
function exactName(key: string): string | undefined {
  const rule = JSON.parse(key.slice('fqdn '.length)) as { readonly matchName?: string };
  return rule.matchName;
}
