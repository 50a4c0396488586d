import type { DirectionDecision, PolicyDecision, PolicyRef, RuleRef } from './model.ts';

/** One step of the walk: a sentence, and the rule that it speaks of. */
export interface ExplainStep {
  readonly tone: 'allowed' | 'denied' | 'note' | 'unknown';
  readonly text: string;
  readonly rule?: RuleRef;
}

/** What a rule wants and the question does not have. */
export interface FailedRequirement {
  readonly what: 'peer' | 'port' | 'protocol' | 'http' | 'dns' | 'auth';
  readonly wanted: string;
  readonly got: string;
}

/** A rule of a selecting policy that covers all but what `failed` names. */
export interface NearRule {
  readonly rule: RuleRef;
  readonly kind: 'allow' | 'deny';
  /** In words, see `describeRule`. */
  readonly text: string;
  readonly failed: readonly FailedRequirement[];
}

export interface SelectingPolicy {
  readonly policy: PolicyRef;
  /** Its rules in this direction. */
  readonly rules: number;
  readonly defaultDeny: boolean;
}

/** Why one direction says what it says. */
export interface DirectionExplained extends DirectionDecision {
  /** Who is judged here: a workload or pod, or what is not a subject. */
  readonly subject: string;
  readonly labels: readonly string[];
  readonly selecting: readonly SelectingPolicy[];
  /** In the order in which it is decided. */
  readonly steps: readonly ExplainStep[];
  /** Nearest first, at most 5. */
  readonly near: readonly NearRule[];
}

/** Why a set of policies answers a question as it does. */
export interface Explained {
  readonly question: {
    readonly from: string;
    readonly to: string;
    readonly protocol: string;
    readonly port: number;
    readonly l7: string;
  };
  readonly verdict: PolicyDecision['verdict'];
  /** One sentence. */
  readonly headline: string;
  readonly egress: DirectionExplained;
  readonly ingress: DirectionExplained;
}
