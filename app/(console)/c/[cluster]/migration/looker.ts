import 'server-only';
import type { Looker, MigrationRights } from '#components/migration/rights.ts';
import { type Action, authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from '../../../visible-clusters.ts';

/** Who looks, and what they may do in each cluster they see: what they may not do is not offered. The API decides again. */
export async function looker(): Promise<Looker> {
  const [actor, clusters] = await Promise.all([requireActor(), visibleClusters()]);
  const rights = clusters.map((cluster): [string, MigrationRights] => {
    const may = (action: Action) => authorize(actor, action, cluster).allowed;
    return [
      cluster.id,
      {
        edit: may('evidence.edit'),
        manage: may('migration.manage'),
        request: may('gate.request'),
        decide: may('gate.decide'),
        breakGlass: may('gate.break-glass'),
        grant: may('elevation.grant'),
      },
    ];
  });
  return { subject: actor.subject, rights: Object.fromEntries(rights) };
}
