import type { Metadata } from 'next';
import { PipelineView } from '#components/receipts/pipeline/PipelineView.tsx';

export const metadata: Metadata = { title: 'Attestation pipeline' };

export default function PipelinePage() {
  return <PipelineView />;
}
