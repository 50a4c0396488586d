// Threads: cilium/cilium #24654, #44064, #13308, #19045, #20055, #26010; cilium-cli #1998.
import { decide } from '#lib/policy/decide.ts';
import { labelSet, parseLabel } from '#lib/policy/labels.ts';
import { dnsRuleMissesNames, fqdnWithoutDns } from '#lib/policy/lint/rules/fqdn-without-dns.ts';
import type { Entry, Subject } from '#lib/policy/normalise.ts';
import { meetsAll } from '#lib/policy/selector.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import { threads } from '../links.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { type PolicyView, policyName, policyView, ruleFindings } from '../policy-view.ts';
import { questionOf } from '../traffic-question.ts';
import type { SeenTraffic, TrafficFacts } from '../traffic.ts';

/** 8053 is where DNS is listened to behind port translation (OpenShift, node-local caches). */
const DNS_PORTS = new Set([53, 8053]);

export const dnsResolver: PreflightCheck = {
  number: 14,
  id: 'dns-resolver',
  title: 'DNS rules name the resolver that is really used',
  severity: 'error',
  subsystem: 'DNS',
  gates: [2],
  acknowledge: [],
  why: 'Names are learned from answers that a DNS rule sends through the proxy. A rule for kube-dns learns nothing where pods ask node-local-dns, a CoreDNS on the host’s network or an address outside.',
  fix: 'Let the DNS rule select what pods really ask: the labels of node-local-dns, the entity host, or the address of the resolver.',
  links: threads('24654', '44064', '13308', '19045', '20055', '26010', 'cilium/cilium-cli#1998'),
  needs: ['policies', 'pods', 'flows'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    const named = view.lint.subjects.entries.filter(allowsNames);
    if (named.length === 0) return outcomeOf([note('policies', 'no policy allows names (toFQDNs): nothing rests on DNS rules')]);
    const written = [fqdnWithoutDns, dnsRuleMissesNames].flatMap((rule) => ruleFindings(rule, view.lint));
    if (!inputs.flows) return outcomeOf(written, ['flows']);
    if (!view.compiled) return outcomeOf(written, ['pods']);
    return outcomeOf([...written, ...askedElsewhere(view, named, inputs.flows)]);
  },
};

/** Where pods with names in their policies send queries that no DNS rule reads. */
function askedElsewhere(view: PolicyView, named: readonly Entry[], flows: TrafficFacts): PreflightFinding[] {
  const queries = flows.traffic.filter(isQuery);
  const subjects = new Map<Subject, Entry>(named.map((entry) => [entry.subject, entry]));
  const findings = new Map<string, PreflightFinding>();
  const asked = new Set<Subject>();
  for (const query of queries) {
    const labels = labelSet(query.source.labels.map(parseLabel));
    const entry = [...subjects.values()].find(({ subject }) => !subject.node && meetsAll(subject.requirements, labels) === 'yes');
    if (!entry) continue;
    asked.add(entry.subject);
    const key = `${query.source.node} ${query.destination.node} ${query.port}`;
    if (findings.has(key) || isRead(view, query)) continue;
    findings.set(
      key,
      fail(
        query.source.node,
        `asks ${query.destination.node} on port ${query.port}, which no DNS rule for these pods selects: ${policyName(entry.policy)} allows names that are never learned`,
      ),
    );
  }
  const silent = [...new Set(named.filter(({ subject }) => !asked.has(subject)).map(({ policy }) => policy))];
  const [first] = silent;
  if (first === undefined) return [...findings.values()];
  const text = 'no DNS query of the pods it selects has been seen: which resolver they use is not known';
  return [
    ...findings.values(),
    ...(asked.size === 0 ? [unknown(policyName(first), text)] : silent.map((policy) => note(policyName(policy), text))),
  ];
}

/** Whether the engine sends such a query through the DNS proxy. */
function isRead({ compiled }: PolicyView, query: SeenTraffic): boolean {
  const question = questionOf(query, { dns: query.dnsName || 'example.com.' });
  if (!compiled || !question) return false;
  const { egress } = decide(compiled, question);
  return egress.redirect === 'dns' || egress.verdict === 'unknown';
}

const isQuery = ({ port, protocol, source, direction }: SeenTraffic): boolean =>
  DNS_PORTS.has(port) && (protocol === 'UDP' || protocol === 'TCP') && source.workload !== '' && direction === 'EGRESS';

const allowsNames = ({ deny, peers }: Entry): boolean =>
  !deny && typeof peers !== 'string' && peers.some(({ kind }) => kind === 'fqdn');
