import { ENVIRONMENTS, type Environment } from '#lib/api/common.ts';
import type { Method, Route } from '#lib/migration/model.ts';

export const METHOD_WORDS: Readonly<Record<Method, { readonly name: string; readonly note: string }>> = {
  'mutual-auth': { name: 'Mutual authentication with SPIRE', note: 'Cilium up to 1.20; deprecated from 1.20 on' },
  ztunnel: { name: 'ztunnel', note: 'Cilium from 1.19' },
  wireguard: { name: 'WireGuard alone', note: 'any Cilium; encrypts between nodes, authenticates no workloads' },
};

export const ROUTE_WORDS: Readonly<Record<Route, { readonly name: string; readonly note: string }>> = {
  'node-groups': { name: 'New node groups', note: 'new nodes come with Cilium as their only CNI; old ones are drained' },
  'per-node': { name: 'Node by node', note: 'CiliumNodeConfig turns one node after the other' },
};

/** Clusters that may be chosen, by environment. */
export function clustersByEnvironment<T extends { readonly environment: Environment }>(
  clusters: readonly T[],
): readonly (readonly [Environment, readonly T[]])[] {
  return ENVIRONMENTS.map((env) => [env, clusters.filter(({ environment }) => environment === env)] as const);
}
