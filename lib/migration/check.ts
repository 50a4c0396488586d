import type { CheckKind, CheckStatus, Method, UploadKind } from './model.ts';

/** The number on which a check decides. */
export interface Threshold {
  readonly comparison: 'at least' | 'at most' | 'equals';
  readonly value: number;
  readonly unit: '%' | 'tuples' | 'flows' | 'nodes' | 'pods' | 'bytes' | 'x' | 'h' | '';
}

/** A check of the plan: what is asked, not what came out. */
export interface CheckDefinition {
  /** Never changes: stored verdicts, thresholds and acknowledgements name it. */
  readonly id: string;
  readonly title: string;
  readonly kind: CheckKind;
  /** What it reads, in one or two words as a table shows them: `traffic`, `relay`, `spire`, `what-if`. */
  readonly source: string;
  /** Why it stands before the gate, a sentence. */
  readonly why: string;
  /** `must`: no gate opens while it does not pass. `acknowledge`: a person may take it on with a reason. */
  readonly demand: 'must' | 'acknowledge';
  /** Number of a preflight check that this is. */
  readonly preflight?: number;
  /** Default; an admin may set another one for a migration. */
  readonly threshold?: Threshold;
  /** Milliseconds for which it must have held; begins anew when it fails. */
  readonly windowMs?: number;
  /** Files it waits for. */
  readonly uploads?: readonly UploadKind[];
  /** For an attestation: what the person states. */
  readonly statement?: string;
  /** It counts only with this method of phase 3. */
  readonly method?: readonly Method[];
}

/** What a check said, on what. */
export interface CheckResult {
  /** Id of the check. */
  readonly check: string;
  readonly status: CheckStatus;
  /** The figure as people read it: `99.84 %`, `4 of 4`, `yes`; empty where there is none. */
  readonly value: string;
  /** What it needs: `≥ 99.90 %`, `all`. */
  readonly needs: string;
  /** Why it says so, a sentence; for `unknown` what is missing and how to provide it. */
  readonly reason: string;
  /** Names of inputs that are missing. */
  readonly missing: readonly string[];
  /** When what it rests on was measured or uploaded: Unix milliseconds. */
  readonly at?: number;
  /** Numbers it saw. */
  readonly figures: Readonly<Record<string, number>>;
  /** Objects it found, as people name them, at most 100. */
  readonly objects: readonly string[];
  /** Since when it has passed without a break, for a check with a window: Unix milliseconds. */
  readonly passingSince?: number;
}
