import type { PreflightOutcome } from '#lib/preflight/check.ts';
import type { UploadContent } from '#lib/preflight/files/upload.ts';
import type { PreflightInputs } from '#lib/preflight/inputs.ts';
import type { UploadKind } from '../model.ts';

/** Everything that checks of a phase are decided on. A part that is absent is not known: whatever needs it is `unknown`. Times are Unix milliseconds. */
export interface Evidence {
  /** Objects, settings, status and the last day's traffic, as preflight reads them. */
  readonly inputs: PreflightInputs;
  /** What preflight checks said, by their number. */
  readonly preflight: ReadonlyMap<number, PreflightOutcome>;
  readonly uploads: ReadonlyMap<UploadKind, UploadedFile>;
  readonly traffic: TrafficEvidence | undefined;
  /** What the policy engine says of traffic; absent while policies or traffic are not known. */
  readonly judged: JudgedEvidence | undefined;
  /** VPC Flow Logs that were imported as the baseline; absent where none were. */
  readonly baseline: BaselineEvidence | undefined;
  /** The cluster is played by the demo: what needs a day is content with minutes, and says so. */
  readonly demo: boolean;
}

export interface UploadedFile {
  readonly content: UploadContent;
  readonly fileName: string;
  readonly at: number;
}

export interface TrafficEvidence {
  /** Since when traffic is recorded; absent when none is. */
  readonly recordedSince: number | undefined;
  /** Stretches of the last day that nobody recorded. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Drops before the phase began and now; absent where the two cannot be told apart yet. */
  readonly drops: { readonly before: DropCount; readonly now: DropCount } | undefined;
  /** Of flows between pods that a policy in force wants authenticated: all of them, those that were, and drops for want of it. */
  readonly authentication: AuthenticationCount | undefined;
}

/** Flows of a window and those dropped for reasons that no policy decides. */
export interface DropCount {
  readonly from: number;
  readonly to: number;
  readonly flows: number;
  readonly dropped: number;
  /** Most first. */
  readonly reasons: readonly { readonly reason: string; readonly flows: number }[];
}

export interface AuthenticationCount {
  readonly asked: number;
  readonly authenticated: number;
  readonly refused: number;
  /** Pairs that were refused or came through without, most flows first. */
  readonly pairs: readonly string[];
}

export interface JudgedEvidence {
  /** AUDIT tuples of the last day: all, and those that the policies in force still do not allow. */
  readonly audit: { readonly tuples: number; readonly unexplained: readonly JudgedTuple[]; readonly unknown: number };
  /** Traffic of a week that passed, and what of it would be denied. `by`: the watched set that says so, or the policies in force. */
  readonly wouldDeny: {
    readonly tuples: number;
    readonly denied: readonly JudgedTuple[];
    readonly unknown: number;
    readonly by: string;
  };
  /** Policies that an agent refuses, with why. */
  readonly invalid: readonly { readonly policy: string; readonly reason: string }[];
  readonly policies: number;
}

export interface JudgedTuple {
  /** `payments/ledger → orders/api TCP/8080` */
  readonly name: string;
  readonly flows: number;
  readonly lastSeen: number;
}

export interface BaselineEvidence {
  /** Hours of the window in which there was a record. */
  readonly hours: number;
  readonly records: number;
  readonly at: number;
}
