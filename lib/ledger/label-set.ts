import { hash128 } from './hash.ts';

/** The labels of an identity, stored once however many tuples name it, so that a policy can be replayed over the ledger. */
export interface LabelSet {
  /** 128 bits of SHA-256 over the labels in order, in hexadecimal. */
  readonly hash: string;
  /** `source:key=value`, sorted, each once. */
  readonly labels: readonly string[];
}

/** The set of these labels, whatever their order. */
export function labelSetOf(labels: readonly string[]): LabelSet {
  const sorted = [...new Set(labels)].toSorted();
  return { hash: hash128(JSON.stringify(sorted)), labels: sorted };
}
