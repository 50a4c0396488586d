import type { Metadata } from 'next';
import { BaselineView } from '#components/migration/baseline/BaselineView.tsx';
import { may } from '../../may.ts';

export const metadata: Metadata = { title: 'Baseline' };

export default async function BaselinePage({ params }: { params: Promise<{ cluster: string }> }) {
  return <BaselineView mayEdit={await may('evidence.edit', params)} />;
}
