import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import type {
  ApprovalInbox,
  GateChoice,
  GateDecision,
  GatePanel,
  GateRequest,
  GateRules,
  Migration,
  PhaseCell,
  PhaseCheck,
  PhaseDetail,
  PhaseNumber,
  PhaseStep,
} from '#lib/api/migration.ts';

/** Answers of the API about the tracker, as its pages get them; each shows only what a test says. */

/** 2 March 2026, 14:03 UTC. */
export const NOW = Date.UTC(2026, 2, 2, 14, 3);
const MINUTE = 60_000;
const HASH = `41d7${'0'.repeat(56)}c09e`;

export const CLUSTERS: Readonly<Record<Environment, { id: string; name: string }>> = {
  DEV: { id: 'aegis-dev', name: 'aegis-dev' },
  TST: { id: 'aegis-test', name: 'aegis-test' },
  PRD: { id: 'aegis-production', name: 'aegis-production' },
};

export const aPerson = (name: string) => ({ subject: `demo|${name}`, name });

export const rulesOf = (overrides: Partial<GateRules> = {}): GateRules => ({
  approvals: 2,
  teams: ['platform', 'security'],
  ttlMinutes: 240,
  soakMinutes: 4320,
  windows: [],
  stepUp: true,
  elevation: true,
  ...overrides,
});

export const aCell = (overrides: Partial<PhaseCell> = {}): PhaseCell => ({
  phase: 3,
  environment: 'PRD',
  state: 'collecting',
  by: [],
  checksPassed: 9,
  checksTotal: 12,
  failing: 0,
  unknown: 0,
  waitsFor: '',
  brokenGlass: false,
  ...overrides,
});

const NAMES = ['Prepare', 'Chaining', 'Network policies', 'Mutual auth and WireGuard', 'Full Cilium IPAM'];

/** A migration of three clusters: phases 0 to 2 completed everywhere, 3 stale in PRD, 4 not open. */
export function aMigration(overrides: Partial<Migration> = {}): Migration {
  const cell = (phase: PhaseNumber, environment: Environment): PhaseCell => {
    if (phase === 4) return aCell({ phase, environment, state: 'locked', waitsFor: 'phase 3', checksTotal: 9, checksPassed: 0 });
    if (phase === 3 && environment === 'PRD')
      return aCell({ state: 'stale', since: NOW - 22 * MINUTE, failing: 2, unknown: 1, request: 'r31' });
    return aCell({ phase, environment, state: 'completed', since: NOW - 5 * 86_400_000, by: ['a.mensah'], checksPassed: 12 });
  };
  return {
    id: 'm1',
    name: 'Platform',
    planVersion: '2026.2',
    latestPlanVersion: '2026.2',
    planGone: false,
    revision: 1,
    version: 7,
    choices: { method: 'mutual-auth', route: 'node-groups' },
    environments: ENVIRONMENTS.map((environment) => ({
      environment,
      cluster: CLUSTERS[environment],
      hidden: false,
      rules: rulesOf(),
    })),
    phases: ([0, 1, 2, 3, 4] as const).map((phase) => ({
      phase,
      name: NAMES[phase] ?? '',
      summary: 'a few words',
      optional: phase === 4,
      typicalLength: '2-3 weeks',
      leaves: 'The cluster is as it was.',
      cells: ENVIRONMENTS.map((environment) => cell(phase, environment)),
    })),
    brokenGlass: [],
    elevations: [],
    createdAt: NOW - 90 * 86_400_000,
    createdBy: aPerson('Ada Admin'),
    ...overrides,
  };
}

/** A check on traffic that passes, with its figure. */
export const aCheck = (overrides: Partial<PhaseCheck> = {}): PhaseCheck => {
  const { status = 'pass' } = overrides;
  return {
    id: '3.encrypted',
    title: 'Cross-node flows encrypted',
    kind: 'traffic',
    source: 'traffic',
    why: 'A pair in clear is read by whoever has the network.',
    demand: 'must',
    status,
    value: '99.95 %',
    needs: '≥ 99.90 %',
    reason: '97,450 of 97,502 flows between nodes were encrypted.',
    missing: [],
    at: NOW - 2 * MINUTE,
    figures: { flows: 97_502 },
    objects: [],
    uploads: [],
    met: status === 'pass',
    ...overrides,
  };
};

export const aStep = (overrides: Partial<PhaseStep> = {}): PhaseStep => ({
  id: '3.wireguard',
  title: 'Turn WireGuard on',
  why: 'Pods of different nodes then talk through a tunnel.',
  role: 'operator',
  commands: [{ title: 'Values for WireGuard', text: 'helm upgrade cilium\n  --set encryption.enabled=true', missing: [] }],
  undo: [{ title: 'Turn it off again', text: 'helm upgrade cilium --set encryption.enabled=false', missing: [] }],
  links: [{ title: 'WireGuard', url: 'https://docs.cilium.io/en/stable/security/network/encryption-wireguard/' }],
  evidence: 'uploaded',
  checks: ['3.encrypted'],
  status: 'pass',
  version: 0,
  ...overrides,
});

export const aDecision = (overrides: Partial<GateDecision> = {}): GateDecision => ({
  id: 'd1',
  decision: 'approve',
  by: aPerson('a.mensah'),
  team: 'security',
  comment: '',
  at: NOW - 51 * MINUTE,
  evidenceHash: HASH,
  counts: true,
  auth: { amr: ['pwd', 'otp'], authTime: NOW - 52 * MINUTE, weakness: '' },
  ...overrides,
});

export const aGateRequest = (overrides: Partial<GateRequest> = {}): GateRequest => ({
  id: 'r31',
  number: 31,
  phase: 3,
  environment: 'PRD',
  state: 'approving',
  version: 4,
  evidenceHash: HASH,
  planVersion: '2026.2',
  planRevision: 1,
  requestedBy: aPerson('j.lindqvist'),
  requestedAt: NOW - 67 * MINUTE,
  comment: '',
  expiresAt: NOW + 173 * MINUTE,
  decisions: [],
  approved: 0,
  needed: 2,
  stateReason: '',
  stateSince: NOW - 67 * MINUTE,
  brokenGlass: false,
  ...overrides,
});

export const aChoice = (command: GateChoice['command'], reason = '', stepUp = false): GateChoice => ({
  command,
  allowed: reason === '',
  reason,
  stepUp,
});

export const aGate = (overrides: Partial<GatePanel> = {}): GatePanel => ({
  rules: rulesOf(),
  evidenceHash: HASH,
  conditions: [{ id: 'soak', title: 'Soaked 72 h in TST', met: true, value: '120 h' }],
  choices: [aChoice('request')],
  ...overrides,
});

/** Phase 3 in PRD: two checks, one of which fails, one step, nobody has requested the gate. */
export function aPhase(overrides: Partial<PhaseDetail> = {}): PhaseDetail {
  return {
    migration: 'm1',
    cluster: CLUSTERS.PRD.id,
    environment: 'PRD',
    cell: aCell(),
    name: 'Mutual auth and WireGuard',
    summary: 'required on critical paths',
    typicalLength: '2-3 weeks',
    leaves: 'WireGuard encrypts between nodes.',
    optional: false,
    steps: [aStep()],
    checks: [
      aCheck({ id: '3.nodes', title: 'Nodes reporting', value: '4 of 4', needs: 'all', source: 'relay' }),
      aCheck({ status: 'fail', value: '99.84 %', reason: '157 of 97,502 flows between nodes were in clear.' }),
    ],
    series: [],
    gate: aGate(),
    rollback: {
      effort: 'medium',
      startedBy: ['operator', 'breakglass'],
      trigger: 'When pods lose their network.',
      steps: [{ title: 'Turn it off', text: 'helm rollback cilium', missing: [] }],
      after: ['No AUTH_REQUIRED drops'],
      records: [],
    },
    history: [{ at: NOW - 5 * MINUTE, by: aPerson('k.novak'), action: 'step.done', text: 'ticked 3.wireguard' }],
    evaluatedAt: NOW - 2 * MINUTE,
    ...overrides,
  };
}

export const anInboxItem = (overrides: Partial<ApprovalInbox['items'][number]> = {}): ApprovalInbox['items'][number] => ({
  kind: 'gate',
  cluster: CLUSTERS.PRD,
  environment: 'PRD',
  phase: 3,
  phaseName: 'Mutual auth and WireGuard',
  text: '0 of 2 approved',
  by: aPerson('j.lindqvist'),
  at: NOW - 67 * MINUTE,
  mine: true,
  reason: '',
  request: 'r31',
  ...overrides,
});
