import type { Problem } from '#lib/api/common.ts';
import type { WhatIfReport } from '#lib/api/what-if.ts';
import type { Facts } from './facts.ts';
import type { Remark } from './remarks.ts';

/** What is tried: policies as a text, put into the set in force or standing alone. */
export interface Candidate {
  readonly text: string;
  readonly mode: 'merge' | 'replace';
  /** Policies of the set in force that it takes away. */
  readonly removes: readonly string[];
}

/** A policy of the set in force. */
export interface InForce {
  readonly ref: string;
  readonly text: string;
}

/** To the worker: where the input is, then candidates; a newer one stands for all before it. */
export type JudgeRequest =
  | { readonly kind: 'load'; readonly id: number; readonly url: string }
  | { readonly kind: 'judge'; readonly id: number; readonly candidate: Candidate };

export type JudgeAnswer =
  /** The input is here; `inForce` is the set in force. */
  | { readonly kind: 'loaded'; readonly id: number; readonly facts: Facts; readonly inForce: readonly InForce[] }
  /** The input is larger than a page should hold: the server judges. `bytes` were read of it. */
  | { readonly kind: 'too-large'; readonly id: number; readonly bytes: number }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: Problem }
  | ({ readonly kind: 'judged'; readonly id: number } & Judged);

export interface Judged {
  readonly remarks: readonly Remark[];
  /** References of the policies in the text, in its order. */
  readonly refs: readonly string[];
  /** Absent where the text cannot be read, and without an input. */
  readonly report: WhatIfReport | undefined;
}
