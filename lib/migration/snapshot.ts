import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { CheckStatus, Phase } from './model.ts';

/**
 * What people decide on. Verdicts and thresholds are in it, figures are not: a figure that moves and stays on the same side of its threshold changes
 * nobody's mind, and would void every approval within minutes.
 */
export interface EvidenceContent {
  readonly plan_version: string;
  readonly revision: number;
  readonly cluster: string;
  readonly environment: string;
  readonly phase: Phase;
  /** In the order of the plan. */
  readonly checks: readonly SnapshotCheck[];
  /** Steps of the phase in the order of the plan. */
  readonly checklist: readonly { readonly step: string; readonly done: boolean }[];
  /** Hash of the policies in force; empty while they are not known. */
  readonly policy_set_hash: string;
  readonly facts: {
    readonly cilium_version: string;
    readonly kubernetes_version: string;
    /** Of the Helm values that were uploaded; empty where there are none. */
    readonly values_hash: string;
    readonly node_list_hash: string;
  };
}

export interface SnapshotCheck {
  readonly id: string;
  readonly status: CheckStatus;
  /** `at least 99.9 %`; empty where there is none. */
  readonly threshold: string;
  readonly acknowledged: boolean;
}

const SCHEMA = 'causeway.evidence/1';

export interface EvidenceSnapshot {
  /** SHA-256 of `body` in UTF-8, lower-case hexadecimal. */
  readonly hash: string;
  /** RFC 8785: the same content is the same bytes, whoever writes it. */
  readonly body: string;
}

/** Freezes evidence. Throws for text that is no Unicode (a lone surrogate): RFC 8785 has no bytes for it. */
export function snapshotOf(content: EvidenceContent): EvidenceSnapshot {
  const body = canonicalOf({ schema: SCHEMA, ...content });
  return { hash: hashOf(body), body };
}

function canonicalOf(whole: object): string {
  try {
    return canonicalize(whole) as string; // undefined only for what is no value
  } catch (error) {
    throw new Error('evidence holds text that is no Unicode', { cause: error });
  }
}

/** SHA-256 of a text in UTF-8, lower-case hexadecimal. */
export const hashOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));
