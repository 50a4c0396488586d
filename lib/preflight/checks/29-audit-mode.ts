// Threads: cilium/cilium PR #12165, #40621; rwlove/home-ops #11464; Cilium's page on creating policies from verdicts.
import { closedBy } from '#lib/audit/isolated.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { type PolicyView, policyName, policyView } from '../policy-view.ts';

export const auditMode: PreflightCheck = {
  number: 29,
  id: 'audit-mode',
  title: 'What audit mode does not say',
  severity: 'warning',
  subsystem: 'policies',
  gates: [],
  acknowledge: [2],
  why: 'Audit mode is for L3 and L4: requests that an L7 rule refuses are refused. It says nothing of pods that no policy selects, a setting made on one endpoint is gone when its agent restarts, and silence may also mean that it does not work.',
  fix: 'Switch it on for all agents (policyAuditMode), make one connection on purpose that policy denies, and see its AUDIT flow before silence is taken for good news.',
  links: [
    ...threads('PR 12165', '40621', 'rwlove/home-ops#11464'),
    ciliumDocs('Creating policies from verdicts', 'security/policy-creation/'),
  ],
  needs: ['values', 'cilium-config', 'endpoints', 'policies', 'flows'],
  decide(inputs) {
    const on = inputs.running.flag('policyAuditMode') ?? inputs.settings.flag('policyAuditMode');
    if (on === undefined) return unknownWithout('cilium-config', 'values');
    if (!inputs.objects.known('CiliumEndpoint')) return unknownWithout('endpoints');
    const single = inputs.objects.all('CiliumEndpoint').filter(audits);
    const name = inputs.running.nameOf('policyAuditMode');
    if (!on)
      return outcomeOf([
        ...single
          .slice(0, 50)
          .map(({ namespace, name: pod }) =>
            fail(`Pod ${namespace}/${pod}`, 'audit mode is on for this endpoint alone: it is gone when its agent restarts'),
          ),
        note(name, 'audit mode is off: what policy denies is dropped'),
      ]);
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    return outcomeOf([...proxied(view), ...unselected(view), ...control(inputs)], inputs.flows ? [] : ['flows']);
  },
};

/** Endpoints whose own setting differs from the cluster’s. */
const audits = ({ json }: WorldObject): boolean =>
  (['ingress', 'egress'] as const).some(
    (direction) => objectText(own(part(part(part(json, 'status'), 'policy'), direction), 'state')) === 'audit',
  );

/** Requests are judged by the proxy, which knows no audit mode. */
function proxied({ lint }: PolicyView): PreflightFinding[] {
  const refs = [
    ...new Set(
      lint.subjects.entries.filter(({ ports }) => ports?.some(({ l7 }) => l7 !== undefined)).map(({ policy }) => policy),
    ),
  ];
  return refs
    .slice(0, 50)
    .map((policy) => fail(policyName(policy), 'it has L7 rules: what they refuse is refused in audit mode too'));
}

function unselected({ compiled, lint }: PolicyView): PreflightFinding[] {
  if (!compiled || !lint.world) return [];
  const open = lint.world.world.endpoints.filter((endpoint) => {
    if (endpoint.cluster !== undefined) return false;
    const { ingress, egress } = closedBy(compiled, endpoint);
    return !ingress && !egress;
  });
  return open.length === 0
    ? []
    : [
        note(
          'pods',
          `${counted(open.length, 'pod')} of ${lint.world.world.endpoints.length} ${open.length === 1 ? 'is' : 'are'} closed by no policy: audit mode says nothing of them`,
        ),
      ];
}

/** One AUDIT flow proves that it works; none proves nothing. */
function control({ flows }: PreflightInputs): PreflightFinding[] {
  if (!flows) return [];
  const seen = flows.traffic.filter(({ verdict }) => verdict === 'AUDIT').reduce((sum, each) => sum + each.flows, 0);
  return [
    seen > 0
      ? note('flows', `${counted(seen, 'AUDIT flow')} seen: audit mode works`)
      : unknown('flows', 'no AUDIT flow has been seen: make a connection on purpose that policy denies'),
  ];
}
