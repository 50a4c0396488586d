import type { Metadata } from 'next';
import { Overview } from '#components/overview/Overview.tsx';
import { migratingClusters } from '../../../migrating-clusters.ts';

export const metadata: Metadata = { title: 'Overview' };

export default async function OverviewPage({ params }: { params: Promise<{ cluster: string }> }) {
  const [{ cluster }, migrating] = await Promise.all([params, migratingClusters()]);
  return <Overview migrating={migrating.includes(cluster)} />;
}
