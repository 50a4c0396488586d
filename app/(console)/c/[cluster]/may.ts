import 'server-only';
import { type Action, authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from '../../visible-clusters.ts';

/** Whether whoever looks may do `action` to the cluster of the address: what they may not do is not offered. The API decides again. */
export async function may(action: Action, params: Promise<{ cluster: string }>): Promise<boolean> {
  const { cluster } = await params;
  const found = (await visibleClusters()).find(({ id }) => id === cluster);
  return found !== undefined && authorize(await requireActor(), action, found).allowed;
}
