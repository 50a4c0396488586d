import type { Metadata } from 'next';
import { FindingsView } from '#components/receipts/findings/FindingsView.tsx';
import { may } from '../../may.ts';

export const metadata: Metadata = { title: 'Findings' };

export default async function FindingsPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <FindingsView mayTriage={await may('finding.triage', params)} />;
}
