/** How far a change of policies has come to the nodes. Revisions are each node's own counter: that one rose says that its agent took something new. */
export interface Propagation {
  /** Unix milliseconds: since when the set is in force. */
  readonly changedAt: number;
  /** Highest revision that each node's verdicts named before the change, and since. Nodes by their names without the cluster's. */
  readonly before: ReadonlyMap<string, number>;
  readonly since: ReadonlyMap<string, number>;
}

/** So long after a change of the set in force nodes may still go by the one before. */
export const GRACE_MS = 30_000;

/** When a verdict counts: `GRACE_MS` after the change, or sooner once every node that names revisions at all has named a greater one since. */
export function settledAt({ changedAt, before, since }: Propagation): number {
  const all = before.size > 0 && [...before].every(([node, revision]) => (since.get(node) ?? revision) > revision);
  return all ? changedAt : changedAt + GRACE_MS;
}

/** How many flows of a sample were seen when the change had come to the nodes: none, one or all of them. */
export function outsideGrace(
  sample: { readonly first: number; readonly last: number; readonly count: number },
  propagation: Propagation,
): number {
  const settled = settledAt(propagation);
  if (sample.last < settled) return 0;
  return sample.first < settled ? 1 : sample.count;
}
