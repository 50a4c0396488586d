import type { FlowLogsBaseline, FlowLogsImport } from '#lib/api/flow-logs.ts';
import type { RiskEntry, RiskRegister } from '#lib/api/migration.ts';
import type { GeneratedValues, PreflightEntry, PreflightReport } from '#lib/api/preflight.ts';

/** Answers of the API about a migration, as the pages get them; each shows only what a test says. */

/** 2 March 2026, 14:03 UTC. */
export const AT = Date.UTC(2026, 2, 2, 14, 3);

/** Check 7, a failing one of `policies`, before phase 1's gate. */
export const aPreflightEntry = (overrides: Partial<PreflightEntry> = {}): PreflightEntry => ({
  check: 7,
  id: 'some-check',
  title: 'Some check',
  subsystem: 'policies',
  severity: 'error',
  gates: [1],
  acknowledge: [],
  why: 'It breaks otherwise.',
  fix: 'Set the value.',
  links: [{ title: 'cilium#1', url: 'https://github.com/cilium/cilium/issues/1' }],
  needs: ['policies'],
  status: 'fail',
  findings: [{ status: 'fail', object: 'CiliumNetworkPolicy payments/ledger', message: 'it selects nothing' }],
  findingsTotal: 1,
  missing: [],
  ...overrides,
});

export const aPreflightReport = (overrides: Partial<PreflightReport> = {}): PreflightReport => ({
  checks: [aPreflightEntry()],
  version: '1.18.4',
  target: '1.19.5',
  inputs: [
    { name: 'policies', source: 'the API server', at: AT - 30_000, hint: 'kubectl get cnp,ccnp -A -o json > policies.json' },
    { name: 'encryption-status', source: '', hint: 'cilium encryption status -o json > encryption-status.json' },
  ],
  evaluatedAt: AT,
  tookMs: 42,
  ...overrides,
});

/** Risk `r1` of phases 1 and 2, moved by one check that is unknown. */
export const aRisk = (overrides: Partial<RiskEntry> = {}): RiskEntry => ({
  id: 'r1',
  title: 'Pods lose their network',
  phases: [1, 2],
  likelihood: 'medium',
  impact: 'high',
  mitigation: 'Restart them group by group.',
  owner: '',
  state: 'open',
  checks: [{ id: '1.unmanaged', phase: 1, title: 'All pods managed', status: 'unknown' }],
  stateReason: 'All pods managed is unknown.',
  note: '',
  said: {},
  version: 0,
  ...overrides,
});

export const aRiskRegister = (overrides: Partial<RiskRegister> = {}): RiskRegister => ({
  risks: [aRisk()],
  impacts: [
    { component: 'kube-proxy', phases: [{ phase: 4, level: 'high', text: 'replaced' }] },
    { component: 'SPIRE', phases: [{ phase: 3, level: 'medium', text: 'gets entries for Cilium' }] },
  ],
  ...overrides,
});

/** Values of phase 1 with one fact missing and one value that changes. */
export const someValues = (overrides: Partial<GeneratedValues> = {}): GeneratedValues => ({
  phase: 1,
  version: '1.19.5',
  values: 'cni:\n  chainingMode: aws-cni\nk8sServiceHost: <api-server>\n',
  application: 'kind: Application\n',
  manifests: [],
  notes: [
    { path: 'cni.chainingMode', value: 'aws-cni', why: 'The VPC CNI keeps the addresses.', url: 'https://docs.cilium.io/x' },
  ],
  diff: {
    against: 'values.yaml',
    changes: [{ path: 'cni.exclusive', from: 'true', to: 'false' }],
    text: '--- running\n+++ generated\n@@ -1,2 +1,2 @@\n cni:\n-  exclusive: true\n+  exclusive: false\n',
  },
  missing: [{ name: 'api-server', hint: 'kubectl cluster-info' }],
  ...overrides,
});

/** An import of ten records, two of which know one side only. */
export const aFlowLogsImport = (overrides: Partial<FlowLogsImport> = {}): FlowLogsImport => ({
  id: 'i1',
  name: 'monday.log.gz',
  state: 'done',
  bytes: 2048,
  by: 'Olga Operator',
  at: AT,
  tookMs: 12,
  lines: { total: 12, taken: 10, noData: 2, skipData: 0, broken: 0 },
  broken: [],
  from: AT - 3_600_000,
  to: AT,
  tuples: 2,
  accepted: 9,
  rejected: 1,
  coverage: {
    bothKnown: 8,
    oneKnown: 2,
    noneKnown: 0,
    minutesSeen: 58,
    minutesTotal: 60,
    unknown: [{ address: '198.51.100.7', records: 2, as: '198.51.100.0/24' }],
  },
  problem: '',
  ...overrides,
});

/** The same with one pair accepted and one rejected. */
export const aBaseline = (overrides: Partial<FlowLogsBaseline> = {}): FlowLogsBaseline => {
  const pair = { protocol: 'TCP', port: 9090, bytes: 4096, packets: 20, firstSeen: AT - 3_600_000, lastSeen: AT };
  return {
    import: aFlowLogsImport(),
    pairs: [
      { ...pair, source: 'payments/checkout-api', destination: 'payments/ledger', verdict: 'FORWARDED', records: 9 },
      { ...pair, source: 'payments/ledger', destination: 'cidr:198.51.100.0/24', port: 443, verdict: 'DROPPED', records: 1 },
    ],
    pairsTotal: 2,
    ...overrides,
  };
};
