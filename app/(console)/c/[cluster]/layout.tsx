import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import { visibleClusters } from '../../visible-clusters.ts';

interface Props {
  readonly children: ReactNode;
  readonly params: Promise<{ cluster: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const found = await findCluster(params);
  const name = found ? `${found.name}${found.demo ? ' (Demo)' : ''}` : 'Not found';
  return { title: { default: name, template: `%s · ${name} · Causeway` } };
}

/** A cluster that is not there and one that may not be seen look the same. */
export default async function ClusterLayout({ children, params }: Props) {
  if (!(await findCluster(params))) notFound();
  return children;
}

async function findCluster(params: Props['params']) {
  const { cluster } = await params;
  return (await visibleClusters()).find(({ id }) => id === cluster);
}
