/** Phases of a migration, in their order. */
export const PHASES = [0, 1, 2, 3, 4] as const;
export type Phase = (typeof PHASES)[number];

/** What a check says. `unknown` never passes: it pauses. */
export const CHECK_STATUSES = ['pass', 'fail', 'unknown'] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** Where a check's evidence comes from. */
export const CHECK_KINDS = ['cluster', 'configuration', 'traffic', 'upload', 'attestation'] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

/** Method of phase 3, by what the Cilium version offers: mutual authentication up to 1.20, ztunnel from 1.19, WireGuard alone always. */
export const METHODS = ['mutual-auth', 'ztunnel', 'wireguard'] as const;
export type Method = (typeof METHODS)[number];

/** Route of phase 4: new node groups steered by node selector, or node by node with CiliumNodeConfig. */
export const ROUTES = ['node-groups', 'per-node'] as const;
export type Route = (typeof ROUTES)[number];

/** What people chose where the plan offers more than one way. */
export interface PlanChoices {
  readonly method: Method;
  readonly route: Route;
}

/** Files that are evidence, by what they are. */
export const UPLOAD_KINDS = [
  'helm-values',
  'argocd-application',
  'cilium-status',
  'encryption-status',
  'agent-conf',
  'spire-entries',
  'connectivity-junit',
  'iperf3-before',
  'iperf3-after',
  'objects',
] as const;
export type UploadKind = (typeof UPLOAD_KINDS)[number];

/** States of a gate request. */
export const GATE_STATES = [
  'requested',
  'approving',
  'approved',
  'executing',
  'verifying',
  'completed',
  'rejected',
  'withdrawn',
  'expired',
  'stale',
  'revoked',
  'rolling-back',
  'rolled-back',
  'failed',
] as const;
export type GateState = (typeof GATE_STATES)[number];

/** States of a phase in one environment. Those up to `ready` follow from evidence; the others are states of its newest gate request. */
export const PHASE_STATES = ['locked', 'collecting', 'ready', ...GATE_STATES] as const;
export type PhaseState = (typeof PHASE_STATES)[number];

/** What people do with a gate request. The passing of time and evidence that changes make it `expired` or `stale` without them. */
export const GATE_COMMANDS = [
  'approve',
  'reject',
  'withdraw',
  'revoke',
  'execute',
  'complete',
  'fail',
  'roll-back',
  'finish-roll-back',
] as const;
export type GateCommand = (typeof GATE_COMMANDS)[number];
