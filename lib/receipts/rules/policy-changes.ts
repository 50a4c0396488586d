import type { PolicyChange } from './r6-policy-tamper.ts';

/** A stretch of time in which a policy had one content. Unix milliseconds; `to` is undefined while it lasts. */
export interface Stretch {
  readonly ref: string;
  readonly from: number;
  readonly to: number | undefined;
  readonly hash: string;
  readonly generation: number | undefined;
}

/**
 * Changes of content and deletions among stretches, those noticed after `since`. A policy that is new, or that came back as it was, is none. What ended
 * before `watchingSince` ended while nobody looked: it is noticed then.
 */
export function policyChanges(
  stretches: readonly Stretch[],
  since: number,
  watchingSince: number,
): Omit<PolicyChange, 'record'>[] {
  const byRef = new Map<string, Stretch[]>();
  for (const stretch of stretches) byRef.set(stretch.ref, [...(byRef.get(stretch.ref) ?? []), stretch]);
  const changes: Omit<PolicyChange, 'record'>[] = [];
  for (const [ref, all] of byRef) {
    const inOrder = all.toSorted((a, b) => a.from - b.from);
    for (const [place, stretch] of inOrder.entries()) {
      const before = inOrder[place - 1];
      const isLast = place === inOrder.length - 1;
      if (before?.to !== undefined && before.hash !== stretch.hash && stretch.from > since)
        changes.push({
          ref,
          what: 'changed',
          from: before.hash,
          to: stretch.hash,
          ...(stretch.generation !== undefined && { generation: stretch.generation }),
          at: stretch.from,
          lastSeen: before.to,
        });
      if (!isLast || stretch.to === undefined) continue;
      const at = stretch.to < watchingSince ? watchingSince : stretch.to;
      if (at > since) changes.push({ ref, what: 'deleted', from: stretch.hash, at, lastSeen: stretch.to });
    }
  }
  return changes.toSorted((a, b) => a.at - b.at);
}
