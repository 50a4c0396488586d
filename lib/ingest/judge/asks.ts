import 'server-only';
import type { ReachQuery, SuggestInput, WhyQuery } from '#lib/api/what-if.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { PolicySource } from '#lib/api/policies.ts';
import type { PolicyRef } from '#lib/policy/model.ts';
import type { Phase, PlanChoices, UploadKind } from '#lib/migration/model.ts';
import type { RelayFacts } from '#lib/preflight/inputs.ts';
import type { Stage } from '#lib/preflight/values/model.ts';
import type { Propagation } from '#lib/receipts/rules/propagation.ts';
import type { FlowWindow } from '#lib/receipts/rules/rules.ts';
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

/** What is known of a cluster beside its objects, policies and traffic, when its evidence is read. */
export interface ClusterNow {
  /** Unix milliseconds. */
  readonly now: number;
  readonly relay: RelayFacts | undefined;
  /** Cilium version that it is to go to. */
  readonly target: string | undefined;
  /** Played by the demo. */
  readonly demo: boolean;
}

/** A phase whose evidence is to be read: the plan it stands on, and what people said. */
export interface PhaseAsk {
  readonly phase: Phase;
  readonly planVersion: string;
  readonly choices: PlanChoices;
  /** Unix milliseconds: the work of the phase came after. */
  readonly begunAt: number;
  /** Thresholds that an admin set, by check. */
  readonly thresholds: ReadonlyMap<string, number>;
  readonly attested: ReadonlyMap<string, { readonly by: string; readonly statement: string; readonly at: number }>;
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
    }
  | { readonly kind: 'evidence'; readonly cluster: ClusterNow; readonly phases: readonly PhaseAsk[] }
  | { readonly kind: 'preflight'; readonly cluster: ClusterNow; readonly phase: Phase | undefined; readonly objectsFrom: string }
  | {
      readonly kind: 'values';
      readonly cluster: ClusterNow;
      readonly phase: Phase;
      readonly stage: Stage;
      readonly choices: PlanChoices;
    }
  | {
      readonly kind: 'rules';
      readonly window: FlowWindow;
      readonly propagation: Propagation;
      readonly seenBefore: ReadonlySet<string>;
    }
  | { readonly kind: 'governing'; readonly flows: readonly Flow[] }
  | { readonly kind: 'read-upload'; readonly name: string; readonly as: UploadKind | undefined; readonly text: string };

/** The ask of a kind. */
export type AskOf<K extends Ask['kind']> = Extract<Ask, { readonly kind: K }>;

/** Kinds that look at the objects of the cluster themselves, not only at the world that is made of them. */
export const ASKS_OF_OBJECTS: ReadonlySet<Ask['kind']> = new Set(['evidence', 'preflight', 'values']);
