import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { World, WorldEndpoint } from '#lib/policy/model.ts';
import { workloadByName } from '#lib/world/workload.ts';

/** Endpoints of a workload that were open by default in a direction and are closed by a candidate. */
export interface Isolated {
  /** `namespace/workload`. */
  readonly workload: string;
  readonly direction: 'ingress' | 'egress';
  /** Their names without the namespace, sorted. */
  readonly endpoints: readonly string[];
  /** Endpoints of the workload in all. */
  readonly of: number;
}

/** Whether an endpoint lets through only what a rule allows. */
export interface Closed {
  readonly ingress: boolean;
  readonly egress: boolean;
}

/** `namespace/workload` of an endpoint, as flows name it. */
export const workloadIdOf = (endpoint: WorldEndpoint): string => `${endpoint.namespace}/${workloadNameOf(endpoint)}`;

/** The workload of an endpoint: where it is not known, what the name of its pod tells. */
export const workloadNameOf = ({ id, workload }: WorldEndpoint): string => workload ?? workloadByName(podNameOf(id)).name;

const podNameOf = (id: string): string => id.slice(id.indexOf('/') + 1);

/** How the endpoint stands in each direction. Asked of a packet to itself: default deny is the same for every packet. */
export function closedBy(compiled: CompiledPolicies, { id }: WorldEndpoint): Closed {
  const self = { endpoint: id };
  const { egress, ingress } = decide(compiled, { src: self, dst: self, protocol: 'TCP', port: 1 });
  return { egress: egress.enforced && egress.defaultDeny, ingress: ingress.enforced && ingress.defaultDeny };
}

/** The endpoints that a candidate closes and the base does not, by workload. */
export function newlyIsolated(world: World, base: CompiledPolicies, candidate: CompiledPolicies): Isolated[] {
  const total = new Map<string, number>();
  const closed = new Map<string, { workload: string; direction: Isolated['direction']; endpoints: string[] }>();
  for (const endpoint of world.endpoints) {
    if (endpoint.cluster !== undefined) continue;
    const workload = workloadIdOf(endpoint);
    total.set(workload, (total.get(workload) ?? 0) + 1);
    if (base === candidate) continue;
    const [before, after] = [closedBy(base, endpoint), closedBy(candidate, endpoint)];
    for (const direction of ['ingress', 'egress'] as const) {
      if (before[direction] || !after[direction]) continue;
      const key = `${workload} ${direction}`;
      const known = closed.get(key) ?? { workload, direction, endpoints: [] };
      known.endpoints.push(podNameOf(endpoint.id));
      closed.set(key, known);
    }
  }
  return [...closed]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, each]) => ({ ...each, endpoints: each.endpoints.toSorted(), of: total.get(each.workload) ?? 0 }));
}
