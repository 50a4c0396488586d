import type { PolicyObject, PolicyRef } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { setHash, specHash } from '#lib/policy/spec-hash.ts';

/** A candidate made of a set in force and what is to change. */
export interface CandidateSet {
  readonly policies: readonly PolicyObject[];
  /** `setHash` of `policies`. */
  readonly hash: string;
  /** How to come from the set in force to it. */
  readonly put: readonly PolicyObject[];
  readonly remove: readonly PolicyRef[];
}

/**
 * `merge`: `given` are put into `inForce`, in place of those of the same name, and `removes` are taken out; `replace`: `given` stand alone. Of several
 * of one name the last counts, as when they are applied one after the other.
 */
export function candidateSet(
  inForce: readonly PolicyObject[],
  given: readonly PolicyObject[],
  mode: 'merge' | 'replace',
  removes: readonly PolicyRef[] = [],
): CandidateSet {
  const put = new Map(given.map((policy) => [refOf(policy), policy]));
  const gone = new Set(removes.filter((ref) => !put.has(ref)));
  const kept = mode === 'replace' ? [] : inForce.filter((policy) => !put.has(refOf(policy)) && !gone.has(refOf(policy)));
  const policies = [...kept, ...put.values()];
  const keptRefs = new Set(kept.map(refOf));
  return {
    policies,
    hash: hashOfSet(policies),
    put: [...put.values()],
    remove: inForce.map(refOf).filter((ref) => !put.has(ref) && !keptRefs.has(ref)),
  };
}

/** `setHash` of these policies. */
export const hashOfSet = (policies: readonly PolicyObject[]): string =>
  setHash(policies.map((policy) => ({ ref: refOf(policy), hash: hashOfPolicy(policy) })));

const hashes = new WeakMap<PolicyObject, string>();

/** `specHash`, remembered: objects are never changed. */
export function hashOfPolicy(policy: PolicyObject): string {
  let hash = hashes.get(policy);
  if (hash === undefined) hashes.set(policy, (hash = specHash(policy)));
  return hash;
}
