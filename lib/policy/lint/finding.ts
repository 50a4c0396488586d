import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PolicyRef, TextPlace } from '../model.ts';

export const SEVERITIES = ['error', 'warning', 'note'] as const;
/** `error`: it does not do what it says; `warning`: it most likely does not do what was meant; `note`: worth knowing. */
export type Severity = (typeof SEVERITIES)[number];

/** What a lint rule says of a policy. */
export interface LintFinding {
  /** Equal for the same rule, policy and path, whenever and wherever it is found. */
  readonly id: string;
  readonly ruleId: string;
  readonly severity: Severity;
  readonly policy: PolicyRef;
  /** Path in the object, e.g. `spec.egress[0].toPorts[0]`; empty for the object as a whole. */
  readonly path: string;
  readonly place?: TextPlace;
  readonly message: string;
  /** Why it is so, a sentence or two about Cilium rather than about this policy. */
  readonly why: string;
  /** What to do, a sentence. */
  readonly fix?: string;
  /** Where the rule comes from: a document or a thread. */
  readonly source: string;
}

/** 64 bits in hexadecimal. */
export const findingId = (ruleId: string, policy: PolicyRef, path: string): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify([ruleId, policy, path])))).slice(0, 16);

/** Whether `severity` is at least as grave as `level`. */
export const isAtLeast = (severity: Severity, level: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level);
