import type { Metadata } from 'next';
import { Clusters } from '#components/settings/Clusters.tsx';
import { hasEverywhere } from '#components/frame/person.ts';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Clusters' };

export default async function ClustersPage() {
  const { grants } = await requireActor();
  return <Clusters mayManage={grants.some(({ role }) => role === 'admin')} everywhere={hasEverywhere(grants, ['admin'])} />;
}
