import { auditTuples, dropsAgainstBefore, equals, nodesReporting, preflight, rollbackRehearsed, wouldDeny } from '../checks.ts';
import type { PlanPhase } from '../model.ts';

/** Phase 2. Policies are watched before they bite. */
export const POLICIES: PlanPhase = {
  phase: 2,
  name: 'Network policies',
  summary: 'audited, then enforced',
  typicalLength: '2-3 weeks',
  leaves: 'Policies were first in audit mode and are now enforced.',
  optional: false,
  steps: [
    {
      id: '2.audit-on',
      title: 'Turn audit mode on',
      why: 'In audit mode a policy reports what it would deny, as AUDIT flows, and lets it pass. It covers layers 3 and 4, and says nothing of pods that no policy selects.',
      role: 'operator',
      commands: [
        {
          title: 'For the whole cluster',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=true\nkubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium --timeout=600s',
        },
      ],
      undo: [
        {
          title: 'Turn it off: policies that are there then bite',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=false\nkubectl -n kube-system rollout restart daemonset/cilium',
        },
      ],
      links: [{ title: 'Creating policies from verdicts', url: 'https://docs.cilium.io/en/stable/security/policy-creation/' }],
      evidence: 'automatic',
      checks: ['2.preflight-29'],
    },
    {
      id: '2.deploy',
      title: 'Deploy the policies',
      why: 'Suggested from what was seen, reviewed by those who own the service, from the repository and not by hand.',
      role: 'operator',
      commands: [
        {
          title: 'Suggest for a namespace, lint, compare',
          text: 'causeway policy suggest --objects ./objects --flows ./flows.jsonl --namespace NAMESPACE > policies/NAMESPACE.yaml\ncauseway policy lint policies/\ncauseway policy diff --policies policies/ --against policies-now/ --objects ./objects --flows ./flows.jsonl',
        },
        { title: 'Apply through Argo CD', text: 'argocd app sync network-policies --timeout 600' },
      ],
      undo: [{ title: 'Take them back', text: 'git revert HEAD && git push\nargocd app sync network-policies --prune' }],
      links: [{ title: 'Policy language', url: 'https://docs.cilium.io/en/stable/security/policy/' }],
      evidence: 'automatic',
      checks: ['2.valid', '2.preflight-13', '2.preflight-12', '2.preflight-14', '2.preflight-3', '2.preflight-24'],
    },
    {
      id: '2.watch-audit',
      title: 'Watch AUDIT flows until none is left',
      why: 'Each AUDIT tuple is either a rule that is missing or traffic that should not be. Both need a person.',
      role: 'operator',
      commands: [{ title: 'AUDIT flows as they come', text: 'hubble observe --verdict AUDIT --follow' }],
      undo: [],
      links: [],
      evidence: 'automatic',
      checks: ['2.audit'],
    },
    {
      id: '2.hold',
      title: 'Hold the policies against the traffic seen',
      why: 'A week of traffic has what the last hour has not: nightly jobs, failovers, deployments.',
      role: 'operator',
      commands: [
        {
          title: 'Expected against observed',
          text: 'causeway audit --objects ./objects --flows ./flows.jsonl',
        },
      ],
      undo: [],
      links: [],
      evidence: 'automatic',
      checks: ['2.would-deny', '2.preflight-10'],
    },
    {
      id: '2.enforce',
      title: 'Turn enforcement on',
      why: 'From here on a missing rule is an outage. Namespace by namespace is slower and better.',
      role: 'operator',
      commands: [
        {
          title: 'Audit mode off',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=false\nkubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium --timeout=600s',
        },
      ],
      undo: [
        {
          title: 'Back to audit mode',
          text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=true\nkubectl -n kube-system rollout restart daemonset/cilium',
        },
      ],
      links: [{ title: 'Policy enforcement modes', url: 'https://docs.cilium.io/en/stable/security/policy/intro/' }],
      evidence: 'automatic',
      checks: ['2.enforced'],
    },
    {
      id: '2.watch-drops',
      title: 'Watch DROPPED flows',
      why: 'The first hours tell whether the week of audit was long enough.',
      role: 'operator',
      commands: [
        {
          title: 'Drops by policy as they come',
          text: 'hubble observe --verdict DROPPED --drop-reason-desc POLICY_DENIED --follow',
        },
      ],
      undo: [],
      links: [],
      evidence: 'automatic',
      checks: ['2.drops', '2.nodes'],
    },
    {
      id: '2.rehearse',
      title: 'Rehearse the rollback',
      why: 'Back to audit mode takes a restart of the agents: know how long that is.',
      role: 'operator',
      commands: [
        {
          title: 'In DEV: audit mode on and off again, with a clock',
          text: 'time (helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=true && kubectl -n kube-system rollout restart daemonset/cilium && kubectl -n kube-system rollout status daemonset/cilium)',
        },
      ],
      undo: [],
      links: [],
      evidence: 'typed',
      checks: ['2.rollback'],
    },
  ],
  checks: [
    {
      id: '2.valid',
      title: 'Policies that agents refuse',
      kind: 'cluster',
      source: 'cluster',
      why: 'A policy that an agent refuses protects nothing and says so only in its status.',
      demand: 'must',
      threshold: equals(0, ''),
    },
    auditTuples(2),
    wouldDeny(2),
    {
      id: '2.enforced',
      title: 'Audit mode off',
      kind: 'configuration',
      source: 'cilium-config',
      why: 'A phase of enforcement ends with enforcement.',
      demand: 'must',
    },
    dropsAgainstBefore(2),
    nodesReporting(2),
    rollbackRehearsed(2),
    preflight(2, 3, 'No L7 or FQDN rules while chained'),
    preflight(2, 10, 'EKS Pod Identity in reach'),
    preflight(2, 12, 'CIDR selectors that match'),
    preflight(2, 13, 'No accidental default deny'),
    preflight(2, 14, 'DNS rules name the resolver in use'),
    preflight(2, 24, 'Policy map and identities fit'),
    preflight(2, 25, 'Hubble can be trusted'),
    preflight(2, 15, 'Reach of the DNS proxy', 'acknowledge'),
    preflight(2, 28, 'Host policies rehearsed', 'acknowledge'),
    preflight(2, 29, 'What audit mode does not say', 'acknowledge'),
    preflight(2, 32, 'Host-network pods beside isolated ones', 'acknowledge'),
  ],
  rollback: {
    effort: 'easy',
    startedBy: ['operator', 'approver', 'breakglass'],
    trigger: 'POLICY_DENIED drops of traffic that should pass, and no rule that can be written in the time there is.',
    steps: [
      {
        title: 'Audit mode on: everything passes and is still told',
        text: 'helm upgrade cilium cilium/cilium --version {version} --namespace kube-system --reuse-values --set policyAuditMode=true\nkubectl -n kube-system rollout restart daemonset/cilium\nkubectl -n kube-system rollout status daemonset/cilium --timeout=600s',
      },
      {
        title: 'Or take the policies of the last change back',
        text: 'git revert HEAD && git push\nargocd app sync network-policies --prune',
      },
    ],
    after: ['no POLICY_DENIED drops', 'AUDIT flows are seen again', 'services answer as before'],
  },
};
