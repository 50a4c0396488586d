import type { Metadata } from 'next';
import { BatchesView } from '#components/receipts/log/BatchesView.tsx';

export const metadata: Metadata = { title: 'Batches and log' };

export default function BatchesPage() {
  return <BatchesView />;
}
