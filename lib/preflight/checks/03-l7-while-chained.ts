// Threads: cilium/cilium #12454, #16599, #29922, #20720, #34001; cilium/hubble #1357; PR #47269.
import { underChaining } from '#lib/policy/lint/rules/under-chaining.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { own, parts } from '#lib/world/object.ts';
import { recordOf } from '#lib/flow/json-record.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { boundText } from '#lib/flow/text.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { isChained } from '../modes.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { policyName, policyView } from '../policy-view.ts';

export const l7WhileChained: PreflightCheck = {
  number: 3,
  id: 'l7-while-chained',
  title: 'L7 and name rules while Cilium is chained',
  severity: 'error',
  subsystem: 'policies',
  gates: [2],
  acknowledge: [1],
  why: 'Behind VPC CNI there is no proxy in the way of packets: HTTP and DNS rules, toFQDNs, server names and listeners are refused or let nothing through.',
  fix: 'Hold these policies back until phase 4, or reduce them to addresses and ports.',
  links: [
    ...threads('12454', '16599', '29922', '20720', '34001', 'cilium/hubble#1357', 'PR 47269'),
    ciliumDocs('Limitations of AWS VPC CNI chaining', 'installation/cni-chaining-aws-cni/'),
  ],
  needs: ['values', 'cilium-config', 'policies', 'flows'],
  decide(inputs) {
    const chained = isChained(inputs.settings);
    if (chained === undefined) return unknownWithout('values', 'cilium-config');
    const mode = inputs.settings.nameOf('cni.chainingMode');
    if (!chained) return outcomeOf([note(mode, 'Cilium is not chained: proxies are in the way of packets')]);
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    const found = [...underChaining.check({ ...view.lint, facts: { ...view.lint.facts, chaining: true } })];
    const invalid = refusals(inputs);
    const findings = found.map(({ policy, path, message }) => {
      const reason = invalid.get(policy);
      return fail(policyName(policy), `${message} (${path})${reason === undefined ? '' : `; the agents refuse it: ${reason}`}`);
    });
    return outcomeOf([
      ...findings,
      ...silence(inputs, found.length),
      note(mode, `it is ${inputs.settings.text('cni.chainingMode') ?? ''}`),
    ]);
  },
};

/** What agents say of policies that they do not take, by reference. */
function refusals({ policies = [] }: PreflightInputs): ReadonlyMap<string, string> {
  return new Map(
    policies.flatMap((policy) => {
      const valid = parts(recordOf(policy.status), 'conditions').find((condition) => own(condition, 'type') === 'Valid');
      if (own(valid, 'status') !== 'False') return [];
      const message = own(valid, 'message');
      return [[refOf(policy), boundText(typeof message === 'string' ? message : 'no reason is given', 200)] as const];
    }),
  );
}

/** Rules for requests, and not one request seen. */
function silence({ flows }: PreflightInputs, rules: number): PreflightFinding[] {
  if (!flows || rules === 0) return [];
  const requests = flows.traffic.filter(({ l7 }) => l7 !== '').length;
  return requests === 0
    ? [note('flows', `${counted(flows.flows, 'flow')} seen, and no request among them: the rules see none`)]
    : [note('flows', 'requests are seen: some pods have a proxy in their way although Cilium is chained')];
}
