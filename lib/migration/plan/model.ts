import type { CheckDefinition } from '../check.ts';
import type { Method, Phase, Route } from '../model.ts';

/** One version of the plan. Ids in it never change, so that what is stored survives the next version. */
export interface Plan {
  /** `2026.2` */
  readonly version: string;
  readonly phases: readonly PlanPhase[];
  readonly impacts: readonly Impact[];
  readonly risks: readonly Risk[];
}

export interface PlanPhase {
  readonly phase: Phase;
  readonly name: string;
  /** A few words for the matrix: `policies, services, kernels known`. */
  readonly summary: string;
  /** `2-3 weeks` */
  readonly typicalLength: string;
  /** In what it leaves the cluster, a sentence. */
  readonly leaves: string;
  readonly optional: boolean;
  readonly steps: readonly Step[];
  /** In the order in which they are shown and hashed. */
  readonly checks: readonly CheckDefinition[];
  readonly rollback: Rollback;
}

export interface Step {
  /** `1.values` */
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Who does it. */
  readonly role: 'operator' | 'approver' | 'admin';
  readonly commands: readonly Command[];
  /** How to undo it; empty where there is nothing to undo, which `why` then says. */
  readonly undo: readonly Command[];
  readonly links: readonly Link[];
  /** What it leaves behind as evidence. */
  readonly evidence: 'automatic' | 'uploaded' | 'typed';
  /** Ids of the phase's checks that show it. */
  readonly checks: readonly string[];
  /** It belongs to one way only. */
  readonly method?: readonly Method[];
  readonly route?: readonly Route[];
}

/** Lines for a shell. `{name}` stands for a value of the cluster, see `commands.ts`. */
export interface Command {
  readonly title: string;
  readonly text: string;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

export interface Rollback {
  /** `hard`: it takes nodes away and cannot be done in minutes. */
  readonly effort: 'easy' | 'medium' | 'hard';
  readonly startedBy: readonly ('operator' | 'approver' | 'admin' | 'breakglass')[];
  /** When to think of it, a sentence. */
  readonly trigger: string;
  readonly steps: readonly Command[];
  /** What to look at afterwards. */
  readonly after: readonly string[];
}

/** What the migration does to a component of the platform. */
export interface Impact {
  readonly component: string;
  /** By phase; a phase that is absent does not touch it. */
  readonly phases: Readonly<
    Partial<Record<Phase, { readonly level: 'none' | 'low' | 'medium' | 'high'; readonly text: string }>>
  >;
}

export const LEVELS = ['low', 'medium', 'high'] as const;
export type Level = (typeof LEVELS)[number];

/** A risk of the register as the plan knows it; owner and state are the migration's. */
export interface Risk {
  readonly id: string;
  readonly title: string;
  readonly phases: readonly Phase[];
  readonly likelihood: Level;
  readonly impact: Level;
  readonly mitigation: string;
  /** Ids of checks that move it: while one fails the risk has come true, while one is unknown it is open. */
  readonly checks: readonly string[];
}
