import type { GateCaller, GateFacts, GateRecord, RollbackRole, StoredDecision } from '#lib/migration/gate/record.ts';
import { DEFAULT_RULES } from '#lib/migration/gate/rules.ts';

export const HOUR = 3_600_000;
/** Tuesday, 24 November 2026, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 24, 12);
export const EVIDENCE = 'a'.repeat(64);
export const OTHER_EVIDENCE = 'b'.repeat(64);

/** A request of rita's in DEV, made an hour before noon, that needs one approval. */
export const aRequest = (more: Partial<GateRecord> = {}): GateRecord => ({
  id: 'r1',
  number: 31,
  migration: 'm',
  cluster: 'dev',
  environment: 'DEV',
  phase: 1,
  state: 'requested',
  stateReason: '',
  stateSince: NOON - HOUR,
  version: 1,
  requestedBy: { subject: 'rita', name: 'rita' },
  requestedAt: NOON - HOUR,
  expiresAt: NOON + 23 * HOUR,
  comment: '',
  after: undefined,
  brokenGlass: false,
  evidenceHash: EVIDENCE,
  planVersion: '2026.2',
  planRevision: 1,
  needed: 1,
  teams: [],
  ttlMinutes: 24 * 60,
  contributors: ['ulla'],
  decisions: [],
  ...more,
});

/** Facts at noon under which that request stands and everything is met. */
export const someFacts = (more: Partial<GateFacts> = {}): GateFacts => ({
  now: NOON,
  migration: 'm',
  cluster: 'dev',
  environment: 'DEV',
  phase: 1,
  rules: DEFAULT_RULES.DEV,
  plan: { version: '2026.2', phaseName: 'Chaining', rollbackBy: ['operator', 'breakglass'] },
  planVersion: '2026.2',
  planRevision: 1,
  evidence: {
    hash: EVIDENCE,
    met: true,
    current: true,
    evaluatedAt: NOON - 60_000,
    contributors: ['ulla'],
    checks: [{ check: '1.rollback', status: 'pass', value: 'yes' }],
  },
  open: undefined,
  completion: undefined,
  phaseBefore: { request: 'r0', at: NOON - 48 * HOUR, planRevision: 1 },
  environmentBefore: 'first',
  laterPhase: undefined,
  openReviews: [],
  elevation: undefined,
  steps: { done: 5, total: 5 },
  ...more,
});

export const someone = (name: string, ...roles: RollbackRole[]): GateCaller => ({
  subject: name,
  name,
  roles: new Set(roles),
  teams: [],
});

export const anApproval = (name: string, more: Partial<StoredDecision> = {}): StoredDecision => ({
  id: `d-${name}`,
  decision: 'approve',
  by: { subject: name, name },
  team: '',
  comment: '',
  at: NOON - HOUR / 2,
  evidenceHash: EVIDENCE,
  ...more,
});
