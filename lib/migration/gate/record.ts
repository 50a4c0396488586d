import type { CheckStatus, GateState, Phase } from '../model.ts';
import type { GateEnvironment, GateRules } from './rules.ts';

/** A person who decided, as it was stored then. */
export interface GatePerson {
  /** `issuer|sub` */
  readonly subject: string;
  readonly name: string;
}

/** What someone decided on a request. Never changed: who thinks better of it adds another. */
export interface StoredDecision {
  readonly id: string;
  readonly decision: 'approve' | 'reject' | 'revoke';
  readonly by: GatePerson;
  /** The team they spoke for; empty where they belong to none. */
  readonly team: string;
  readonly comment: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** Of the evidence they saw. */
  readonly evidenceHash: string;
}

/** A gate request as it is stored. What is frozen at the request never changes. */
export interface GateRecord {
  readonly id: string;
  readonly number: number;
  readonly migration: string;
  readonly cluster: string;
  readonly environment: GateEnvironment;
  readonly phase: Phase;
  readonly state: GateState;
  readonly stateReason: string;
  /** Unix milliseconds. */
  readonly stateSince: number;
  readonly version: number;
  readonly requestedBy: GatePerson;
  readonly requestedAt: number;
  readonly expiresAt: number;
  readonly comment: string;
  /** The request or completed phase that this one takes up again. */
  readonly after: string | undefined;
  readonly brokenGlass: boolean;
  /** Frozen at the request. */
  readonly evidenceHash: string;
  readonly planVersion: string;
  readonly planRevision: number;
  readonly needed: number;
  readonly teams: readonly string[];
  readonly ttlMinutes: number;
  /** Subjects who made the evidence or the revision. */
  readonly contributors: readonly string[];
  /** Oldest first. */
  readonly decisions: readonly StoredDecision[];
}

/** Evidence of the phase as it is stored now. */
export interface EvidenceNow {
  /** Absent until it has been read once. */
  readonly hash: string | undefined;
  readonly met: boolean;
  /** It rests on everything that people have put in. */
  readonly current: boolean;
  /** Unix milliseconds. */
  readonly evaluatedAt: number | undefined;
  readonly contributors: readonly string[];
  readonly checks: readonly { readonly check: string; readonly status: CheckStatus; readonly value: string }[];
}

/** That a phase is completed in a cluster, and no rollback came after. */
export interface Completion {
  readonly request: string;
  readonly at: number;
  readonly planRevision: number;
}

/** An elevation that runs for the caller, in this session, for this cluster and phase. */
export interface RunningElevation {
  readonly id: string;
  readonly endsAt: number;
}

/** What a decision rests on besides the request itself, all read in the transaction that writes the decision. */
export interface GateFacts {
  /** The clock of the database, Unix milliseconds. */
  readonly now: number;
  readonly migration: string;
  readonly cluster: string;
  readonly environment: GateEnvironment;
  readonly phase: Phase;
  readonly rules: GateRules;
  /** Undefined where this console does not have the version. */
  readonly plan:
    | { readonly version: string; readonly phaseName: string; readonly rollbackBy: readonly RollbackRole[] }
    | undefined;
  readonly planVersion: string;
  readonly planRevision: number;
  readonly evidence: EvidenceNow | undefined;
  /** The one request of this phase in this cluster that is not over. */
  readonly open: Pick<GateRecord, 'id' | 'number' | 'state'> | undefined;
  /** Of this phase in this cluster. */
  readonly completion: Completion | undefined;
  /** Of the phase before in this cluster; `first` where there is none before. */
  readonly phaseBefore: Completion | 'first' | undefined;
  /** Of this phase in the nearest earlier environment that has a cluster; `first` where there is none. */
  readonly environmentBefore: { readonly environment: GateEnvironment; readonly completion: Completion | undefined } | 'first';
  /** A later phase of this cluster that is completed, or whose gate was passed. */
  readonly laterPhase: Phase | undefined;
  /** Broken glass of this migration that nobody has reviewed. */
  readonly openReviews: readonly { readonly phase: Phase; readonly environment: GateEnvironment; readonly by: GatePerson }[];
  readonly elevation: RunningElevation | undefined;
  /** Steps of the phase that are ticked, of all that count. */
  readonly steps: { readonly done: number; readonly total: number };
}

export type RollbackRole = 'operator' | 'approver' | 'admin' | 'breakglass';

/** Who asks. Roles are those they have for this cluster. */
export interface GateCaller extends GatePerson {
  readonly roles: ReadonlySet<RollbackRole>;
  /** Teams of their approver roles for this cluster. */
  readonly teams: readonly string[];
}
