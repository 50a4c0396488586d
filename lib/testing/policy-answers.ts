import type { LintFinding, PolicyDetail, PolicyList, PolicySource, PolicySummary } from '#lib/api/policies.ts';
import type { AuditFinding, AuditReport } from '#lib/api/what-if.ts';

/** Answers of the API about policies, as the pages get them; each shows only what a test says. */

const FROM = Date.UTC(2026, 2, 2, 13, 3);
export const TO = FROM + 3_600_000;

/** `cnp:payments/ledger-from-checkout`, valid and used. */
export function aPolicySummary(overrides: Partial<PolicySummary> = {}): PolicySummary {
  const { namespace = 'payments', name = 'ledger-from-checkout' } = overrides;
  return {
    ref: namespace === '' ? `ccnp:${name}` : `cnp:${namespace}/${name}`,
    kind: namespace === '' ? 'CiliumClusterwideNetworkPolicy' : 'CiliumNetworkPolicy',
    namespace,
    name,
    generation: 3,
    hash: 'a'.repeat(64),
    firstSeen: FROM,
    valid: true,
    problems: [],
    ingress: 'default-deny',
    egress: 'none',
    rules: 2,
    selects: { endpoints: 3, workloads: ['payments/ledger'], workloadsTotal: 1 },
    hits: 1204,
    lastHit: TO - 2000,
    unusedRules: 0,
    findings: { error: 0, warning: 0, note: 0 },
    ...overrides,
  };
}

export const aPolicySource = (overrides: Partial<PolicySource> = {}): PolicySource => ({
  kind: 'kubernetes',
  state: 'ready',
  detail: 'Reading the Kubernetes API of aegis-production.',
  since: FROM,
  updatedAt: TO - 60_000,
  kinds: [
    { kind: 'CiliumNetworkPolicy', state: 'ready', objects: 24, message: '', since: FROM },
    { kind: 'Pod', state: 'ready', objects: 61, message: '', since: FROM },
  ],
  missing: [],
  ...overrides,
});

export function aPolicyList(overrides: Partial<PolicyList> = {}): PolicyList {
  const policies = overrides.policies ?? [aPolicySummary()];
  return {
    source: aPolicySource(),
    set: { hash: '9f31c4e0'.repeat(8), since: FROM, policies: policies.length },
    from: FROM,
    to: TO,
    policies,
    namespaces: [{ namespace: 'payments', pods: 6, ingressClosed: 6, egressClosed: 3, auditFlows: 0 }],
    incompleteMinutes: 0,
    ...overrides,
  };
}

export const aLintFinding = (overrides: Partial<LintFinding> = {}): LintFinding => ({
  id: 'finding-1',
  ruleId: 'open-service-rule',
  severity: 'warning',
  policy: 'cnp:payments/ledger-from-checkout',
  path: 'spec.egress[0].toServices',
  line: 7,
  message: 'No service is named legacy-ledger.',
  why: 'Cilium opens the ports to everyone when the service is missing.',
  fix: 'Name a service that is there.',
  source: 'https://docs.cilium.io/en/stable/security/policy/language/#services-based',
  ...overrides,
});

export function aPolicyDetail(overrides: Partial<PolicyDetail> = {}): PolicyDetail {
  const summary = overrides.summary ?? aPolicySummary();
  return {
    summary,
    yaml: [
      'apiVersion: cilium.io/v2',
      'kind: CiliumNetworkPolicy',
      'metadata:',
      '  name: ledger-from-checkout',
      'spec:',
      '  ingress:',
      '    - fromEndpoints: # who calls',
      '        - matchLabels:',
      '            app: "checkout-api"',
      '    - fromEntities: [host]',
      '',
    ].join('\n'),
    rules: [
      {
        path: 'spec.ingress[0]',
        line: 7,
        direction: 'ingress',
        kind: 'allow',
        text: 'from payments/checkout-api to every port',
        flows: 1204,
        tuples: 3,
        lastHit: TO - 2000,
        shadowedBy: [],
      },
      {
        path: 'spec.ingress[1]',
        line: 10,
        direction: 'ingress',
        kind: 'allow',
        text: 'from the local host',
        flows: 0,
        tuples: 0,
        shadowedBy: [{ policy: 'ccnp:allow-host', path: 'spec.ingress[0]', line: 9 }],
      },
    ],
    endpoints: [
      { id: 'ledger-7d9f-abcde', namespace: 'payments', workload: 'ledger', labels: ['k8s:app=ledger'] },
      { id: 'ledger-7d9f-fghij', namespace: 'payments', workload: 'ledger', labels: ['k8s:app=ledger'] },
    ],
    versions: [
      { hash: summary.hash, generation: 3, firstSeen: FROM, lastSeen: TO, current: true },
      { hash: 'b'.repeat(64), generation: 2, firstSeen: FROM - 86_400_000, lastSeen: FROM, current: false },
    ],
    findings: [],
    from: FROM,
    to: TO,
    ...overrides,
  };
}

export const anAuditFinding = (overrides: Partial<AuditFinding> = {}): AuditFinding => ({
  id: 'audit-1',
  kind: 'observed-denied-expected-allowed',
  severity: 'error',
  title: 'Denied although the policies allow it',
  source: 'payments/checkout-api',
  destination: 'payments/ledger',
  protocol: 'TCP',
  port: 9090,
  flows: 12,
  firstSeen: FROM,
  lastSeen: TO - 5000,
  nodes: ['node-a'],
  policies: ['cnp:payments/ledger-from-checkout'],
  exampleUuid: 'uuid-1',
  look: 'Compare the policy revision of the endpoint with that of its node.',
  unknown: ['Whether the endpoint had applied generation 3 at that time.'],
  ...overrides,
});

export function anAuditReport(overrides: Partial<AuditReport> = {}): AuditReport {
  return {
    from: FROM,
    to: TO,
    set: { hash: '9f31c4e0'.repeat(8), policies: 27 },
    agree: { tuples: 240, flows: 98_000 },
    disagree: { tuples: 2, flows: 24 },
    notJudgeable: { tuples: 8, flows: 1976 },
    notJudgeableReasons: [{ code: 'names-unknown', detail: 'The names of the address are not known.', tuples: 8, flows: 1976 }],
    groups: [
      {
        kind: 'observed-denied-expected-allowed',
        title: 'Denied although the policies allow it',
        explanation: 'The agent may hold an older policy.',
        findings: [anAuditFinding()],
        total: 1,
      },
    ],
    incompleteMinutes: 0,
    ...overrides,
  };
}
