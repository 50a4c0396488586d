import type { Metadata } from 'next';
import { DropsView } from '#components/drops/DropsView.tsx';
import { may } from '../may.ts';

export const metadata: Metadata = { title: 'Drops' };

export default async function DropsPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <DropsView mayAttest={await may('receipt.create', params)} />;
}
