import 'server-only';
import type { ReachQuery, SuggestInput, WhyQuery } from '#lib/api/what-if.ts';
import type { PolicySource } from '#lib/api/policies.ts';
import type { PolicyRef } from '#lib/policy/model.ts';
import type { TimeRange } from '../ring.ts';

/** A window of the ledger, or a capture. */
export interface Traffic {
  readonly range: TimeRange;
  /** Then `range` is what is asked of it. */
  readonly capture?: string;
}

/** A candidate as it is stored or written down: policies as text, and what becomes of the set in force. */
export interface Candidate {
  readonly yaml: string;
  readonly mode: 'merge' | 'replace';
  readonly removes: readonly PolicyRef[];
}

/** What can be asked of the judge, each answered with the JSON of its contract. */
export type Ask =
  | { readonly kind: 'policies'; readonly source: PolicySource; readonly traffic: Traffic }
  | { readonly kind: 'policy'; readonly ref: PolicyRef; readonly traffic: Traffic }
  | { readonly kind: 'lint' }
  | { readonly kind: 'audit'; readonly traffic: Traffic }
  | { readonly kind: 'why'; readonly query: WhyQuery; readonly candidate?: Candidate; readonly traffic: Traffic }
  | { readonly kind: 'reach'; readonly query: ReachQuery; readonly candidate?: Candidate; readonly traffic: Traffic }
  | { readonly kind: 'judge-input'; readonly traffic: Traffic }
  | { readonly kind: 'what-if'; readonly candidate: Candidate; readonly limit: number; readonly traffic: Traffic }
  | { readonly kind: 'suggest'; readonly input: SuggestInput; readonly traffic: Traffic }
  | {
      readonly kind: 'would-deny';
      readonly candidates: readonly (Candidate & { readonly set: string })[];
      readonly minute: number;
    };

/** The ask of a kind. */
export type AskOf<K extends Ask['kind']> = Extract<Ask, { readonly kind: K }>;
