import 'server-only';
import type { PolicyMessage } from '#lib/api/bus.ts';
import type { CurrentPolicies } from '../policies/cluster-objects.ts';

const MOST_CHANGES = 500;

/** What became of the policies from one set to the next; undefined when they are the same. */
export function policyChanges(
  cluster: string,
  before: Pick<CurrentPolicies, 'inForce' | 'setHash'>,
  now: Pick<CurrentPolicies, 'inForce' | 'setHash'>,
  at: number,
): Extract<PolicyMessage, { type: 'policies' }> | undefined {
  if (before.setHash === now.setHash) return undefined;
  const old = new Map(before.inForce.map(({ ref, hash }) => [ref, hash]));
  const left = new Set(old.keys());
  const changes: { policy: string; change: 'added' | 'changed' | 'removed'; specHash?: string }[] = [];
  for (const { ref, hash } of now.inForce) {
    left.delete(ref);
    const known = old.get(ref);
    if (known !== hash) changes.push({ policy: ref, change: known === undefined ? 'added' : 'changed', specHash: hash });
  }
  for (const ref of left) changes.push({ policy: ref, change: 'removed' });
  return {
    type: 'policies',
    cluster,
    at,
    setHash: now.setHash,
    previousSetHash: before.setHash,
    changes: changes.slice(0, MOST_CHANGES),
    more: Math.max(0, changes.length - MOST_CHANGES),
  };
}
