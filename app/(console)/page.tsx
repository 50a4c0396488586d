import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { Page } from '#components/frame/Page.tsx';
import { MEMORY } from '#components/frame/remember.ts';
import { NoCluster } from '#components/frame/NoCluster.tsx';
import { hasEverywhere } from '#components/frame/person.ts';
import { requireActor } from '#lib/auth/page.ts';
import { visibleClusters } from './visible-clusters.ts';

/** To the cluster looked at last, or the first; without one, how to get one. */
export default async function StartPage() {
  const { grants } = await requireActor();
  const clusters = await visibleClusters();
  const remembered = (await cookies()).get(MEMORY.cluster)?.value;
  const home = clusters.find(({ id }) => id === remembered) ?? clusters[0];
  if (home) redirect(`/c/${encodeURIComponent(home.id)}/overview`);
  return (
    <Page title="Welcome">
      <NoCluster mayAdd={hasEverywhere(grants, ['admin'])} />
    </Page>
  );
}
