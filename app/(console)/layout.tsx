import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { Frame } from '#components/frame/Frame.tsx';
import { MEMORY } from '#components/frame/remember.ts';
import { requireActor } from '#lib/auth/page.ts';
import { migratingClusters } from './migrating-clusters.ts';
import { visibleClusters } from './visible-clusters.ts';

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { name, email, demo, grants } = await requireActor();
  const [clusters, memory, migrating] = await Promise.all([visibleClusters(), cookies(), migratingClusters()]);
  const remembered = memory.get(MEMORY.cluster)?.value;
  const home = clusters.find(({ id }) => id === remembered) ?? clusters[0];
  return (
    <Frame
      person={{ name, email, demo, grants: [...grants] }}
      clusters={clusters}
      home={home?.id ?? ''}
      migrating={clusters.map(({ id }) => id).filter((id) => migrating.includes(id))}
      folded={memory.get(MEMORY.rail)?.value === 'folded'}
    >
      {children}
    </Frame>
  );
}
