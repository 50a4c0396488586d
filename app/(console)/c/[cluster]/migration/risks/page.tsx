import type { Metadata } from 'next';
import { RisksView } from '#components/migration/risks/RisksView.tsx';
import { may } from '../../may.ts';

export const metadata: Metadata = { title: 'Risks' };

export default async function RisksPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <RisksView mayEdit={await may('evidence.edit', params)} />;
}
