import type { SeenTraffic } from '#lib/audit/tuple-text.ts';
import type { Confidence } from './confidence.ts';

export interface RuleSuggestion {
  /** Its place in the policy, e.g. `spec.egress[0]`. */
  readonly path: string;
  readonly text: string;
  /** Most flows first, at most 20 of `trafficTotal`. */
  readonly traffic: readonly SeenTraffic[];
  readonly trafficTotal: number;
  readonly confidence: Confidence;
  /** What would break it, a sentence each. */
  readonly cautions: readonly string[];
}

export interface PolicySuggestion {
  readonly policy: string;
  /** `namespace/workload`. */
  readonly workload: string;
  readonly yaml: string;
  readonly rules: readonly RuleSuggestion[];
}

/** Policies that allow what was seen and nothing else of it, with what they rest on. */
export interface SuggestedSet {
  readonly from: number;
  readonly to: number;
  /** All policies in one text. */
  readonly yaml: string;
  readonly policies: readonly PolicySuggestion[];
  /** What was added or left out on purpose, a sentence each. */
  readonly guardRails: readonly string[];
  /** The set in force with the suggestion, judged over the same traffic and set against the set in force alone. */
  readonly check: {
    readonly tuples: number;
    readonly newlyDenied: number;
    readonly newlyAllowed: number;
    readonly unknown: number;
  };
  /** Traffic of the scope that no rule was made of. */
  readonly leftOut: readonly { readonly reason: string; readonly tuples: number; readonly flows: number }[];
}

export interface SuggestScope {
  readonly namespace: string;
  /** Only this workload; absent: all of the namespace. */
  readonly workload?: string | undefined;
  readonly directions: readonly ('ingress' | 'egress')[];
  /** Name HTTP requests and DNS names even where none was refused. */
  readonly l7: boolean;
}
