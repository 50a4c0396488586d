import type { Metadata } from 'next';
import { Tokens } from '#components/settings/Tokens.tsx';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from '../../visible-clusters.ts';

export const metadata: Metadata = { title: 'API tokens' };

export default async function TokensPage() {
  const actor = await requireActor();
  const clusters = await visibleClusters();
  return (
    <Tokens
      mayManage={authorize(actor, 'token.manage', 'organisation').allowed}
      grants={[...actor.grants]}
      clusters={clusters.map(({ id, name }) => ({ id, name }))}
    />
  );
}
