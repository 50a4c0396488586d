import 'server-only';
import type { FlowJson } from '#lib/api/flows.ts';
import type { ClusterStatus } from '#lib/api/clusters.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { Coverage } from '#lib/topology/topology.ts';

/**
 * Flows as the contract's type. The two differ in `readonly` and in how absence is written: JSON leaves out what is undefined.
 * That the bytes agree with the schema is tested in `contract.adapter.test.ts`.
 */
export const wireFlows = (flows: readonly Flow[]): FlowJson[] => flows as unknown as FlowJson[];

export const wireCoverage = ({ newestFlow, ...coverage }: Coverage): ClusterStatus['coverage'] => ({
  ...coverage,
  missing: [...coverage.missing],
  gaps: [...coverage.gaps],
  ...(newestFlow !== undefined && { newestFlow }),
});
