import type { Metadata } from 'next';
import { Webhooks } from '#components/settings/Webhooks.tsx';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from '../../visible-clusters.ts';

export const metadata: Metadata = { title: 'Webhooks' };

export default async function WebhooksPage() {
  const actor = await requireActor();
  const clusters = await visibleClusters();
  return (
    <Webhooks
      mayManage={authorize(actor, 'webhook.manage', 'organisation').allowed}
      clusters={clusters.map(({ id, name }) => ({ id, name }))}
    />
  );
}
