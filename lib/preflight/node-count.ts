import type { PreflightInputs } from './inputs.ts';

/** How many nodes the cluster has: by its Node objects, else by what the relay expects, else by how many agents should run. */
export function nodeCount({ objects, relay, status }: PreflightInputs): number | undefined {
  if (objects.known('Node')) return objects.all('Node').length;
  if (relay && relay.expected > 0) return relay.expected;
  const agents = status?.workloads.find(({ name }) => name === 'cilium');
  return agents && agents.desired > 0 ? agents.desired : undefined;
}
