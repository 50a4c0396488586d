import type { Metadata } from 'next';
import { FlowsView } from '#components/flows/FlowsView.tsx';
import { may } from '../may.ts';
import { mayCapture } from './may-capture.ts';

export const metadata: Metadata = { title: 'Flows' };

export default async function FlowsPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <FlowsView mayCapture={await mayCapture(params)} mayAttest={await may('receipt.create', params)} />;
}
