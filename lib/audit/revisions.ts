import type { Flow } from '#lib/flow/flow.ts';
import { shortNode } from './tuple.ts';

/** The policy revisions that each node's verdicts name: a node that names older ones than the others has not the newest policies. */
export class PolicyRevisions {
  readonly #nodes = new Map<string, Set<number>>();

  add({ nodeName, egressAllowedBy, ingressAllowedBy, egressDeniedBy, ingressDeniedBy }: Flow): void {
    for (const policies of [egressAllowedBy, ingressAllowedBy, egressDeniedBy, ingressDeniedBy])
      for (const { revision } of policies) if (revision > 0) this.#of(shortNode(nodeName)).add(revision);
  }

  /** By name of the node, without its cluster's; ascending. */
  byNode(): Readonly<Record<string, readonly number[]>> {
    const nodes = [...this.#nodes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(nodes.map(([node, revisions]) => [node, [...revisions].toSorted((a, b) => a - b)]));
  }

  #of(node: string): Set<number> {
    const revisions = this.#nodes.get(node) ?? new Set();
    this.#nodes.set(node, revisions);
    return revisions;
  }
}
