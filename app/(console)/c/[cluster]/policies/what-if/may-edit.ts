import 'server-only';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from '../../../../visible-clusters.ts';

/** Whether whoever looks may store candidates of this cluster: what they may not do is not offered. The API decides again. */
export async function mayEditPolicies(params: Promise<{ cluster: string }>): Promise<boolean> {
  const { cluster } = await params;
  const found = (await visibleClusters()).find(({ id }) => id === cluster);
  return found !== undefined && authorize(await requireActor(), 'policy.edit', found).allowed;
}
