import type { CompiledPolicies } from '#lib/policy/compile.ts';
import type { World } from '#lib/policy/model.ts';
import { closedBy } from './isolated.ts';
import type { ReplayTuple } from './judge-input.ts';

/** Pods of a namespace and how many of them are closed by default. */
export interface NamespaceCoverage {
  readonly namespace: string;
  readonly pods: number;
  readonly ingressClosed: number;
  readonly egressClosed: number;
  /** Flows with verdict AUDIT in the window, at its pods. */
  readonly auditFlows: number;
}

/** Default-deny coverage by namespace, in the order of their names. A flow reported between two namespaces counts at the one it came to. */
export function coverageOf(world: World, compiled: CompiledPolicies, tuples: readonly ReplayTuple[]): NamespaceCoverage[] {
  const rows = new Map<string, { pods: number; ingressClosed: number; egressClosed: number; auditFlows: number }>();
  const rowOf = (namespace: string) => {
    let row = rows.get(namespace);
    if (!row) rows.set(namespace, (row = { pods: 0, ingressClosed: 0, egressClosed: 0, auditFlows: 0 }));
    return row;
  };
  for (const endpoint of world.endpoints) {
    if (endpoint.cluster !== undefined) continue;
    const row = rowOf(endpoint.namespace);
    const closed = closedBy(compiled, endpoint);
    row.pods += 1;
    if (closed.ingress) row.ingressClosed += 1;
    if (closed.egress) row.egressClosed += 1;
  }
  for (const { source, destination, seen } of tuples) {
    const flows = seen.reduce((sum, each) => sum + (each.verdict === 'AUDIT' ? each.flows : 0), 0);
    const namespace = destination.namespace || source.namespace;
    if (flows > 0 && namespace !== '') rowOf(namespace).auditFlows += flows;
  }
  return [...rows].map(([namespace, row]) => ({ namespace, ...row })).toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1));
}
