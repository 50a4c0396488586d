// Cilium: bpf/lib/drop_reasons.h. 133 (POLICY_DENIED): no rule allows it. 181 (POLICY_DENY): a deny rule says so. Nobody may add them up.
import { counted } from '#lib/policy/lint/words.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import { ciliumDocs } from '../links.ts';
import { note, outcomeOf, unknownWithout } from '../outcome.ts';
import { trafficName, type TrafficFacts } from '../traffic.ts';

const REASONS = [
  { reason: 'POLICY_DENIED', what: 'denied by default: no rule allows it' },
  { reason: 'POLICY_DENY', what: 'denied by a deny rule' },
] as const;

export const dropCodes: PreflightCheck = {
  number: 33,
  id: 'drop-codes',
  title: 'Denied by a rule is not denied by default',
  severity: 'note',
  subsystem: 'Hubble',
  gates: [],
  acknowledge: [],
  why: 'POLICY_DENIED (133) means that nothing allows the traffic, POLICY_DENY (181) that a deny rule forbids it: one is repaired by a rule that allows, the other only by changing the rule that denies. A chart that adds them up hides which.',
  fix: 'Keep both apart in charts and alerts: here they are two reasons.',
  links: [
    ciliumDocs('Deny policies', 'security/policy/deny/'),
    ciliumDocs('Policy troubleshooting', 'security/policy/troubleshooting/'),
  ],
  needs: ['flows'],
  decide({ flows }) {
    return flows ? outcomeOf(REASONS.map((each) => told(each, flows))) : unknownWithout('flows');
  },
};

function told({ reason, what }: (typeof REASONS)[number], { traffic }: TrafficFacts): PreflightFinding {
  const dropped = traffic.filter(({ dropReason }) => dropReason === reason);
  const all = dropped.reduce((sum, { flows }) => sum + flows, 0);
  const [most] = dropped;
  return note(reason, `${counted(all, 'flow')} ${what}${most ? `; most of them ${trafficName(most)}` : ''}`);
}
