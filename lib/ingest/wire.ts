import 'server-only';
import type { ClusterStatus } from '#lib/api/clusters.ts';
import type { FlowJson } from '#lib/api/flows.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { Coverage } from '#lib/topology/topology.ts';

/** What crosses to the web process is the contract's JSON: there what is undefined is absent. `contract.adapter.test.ts` checks the bytes against the schemas. */
export type WireCoverage = ClusterStatus['coverage'];
export type WireForm<T extends { readonly coverage: Coverage }> = Omit<T, 'coverage'> & { readonly coverage: WireCoverage };

export const wireFlows = (flows: readonly Flow[]): FlowJson[] => flows as unknown as FlowJson[];

export const wireForm = <T extends { readonly coverage: Coverage }>(view: T): WireForm<T> => ({
  ...view,
  coverage: wireCoverage(view.coverage),
});

export const wireCoverage = ({ newestFlow, ...coverage }: Coverage): WireCoverage => ({
  ...coverage,
  missing: [...coverage.missing],
  gaps: [...coverage.gaps],
  ...(newestFlow !== undefined && { newestFlow }),
});
