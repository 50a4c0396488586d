import type { PolicyRef } from '../model.ts';
import type { LintContext } from './context.ts';
import type { Severity } from './finding.ts';

/** One thing that policies get wrong. Rules stand in a file each, with the source of what they know on top. */
export interface LintRule {
  /** Stable: people name it in settings and links. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, without a subject: `opens ports to everyone`. */
  readonly title: string;
  readonly why: string;
  readonly fix?: string;
  readonly source: string;
  /** A `spec` in YAML that it speaks of, and the same as it should be; of a CiliumNetworkPolicy where it does not say more. */
  readonly example?: { readonly bad: string; readonly good: string };
  /** Facts it needs besides the policies; without them it says nothing. */
  readonly needs?: 'world' | 'cluster settings';
  readonly check: (context: LintContext) => Iterable<RuleFinding>;
}

export interface RuleFinding {
  readonly policy: PolicyRef;
  readonly path: string;
  readonly message: string;
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
  readonly why?: string;
  readonly fix?: string;
}
