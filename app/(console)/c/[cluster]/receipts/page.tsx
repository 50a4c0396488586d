import type { Metadata } from 'next';
import { ReceiptsView } from '#components/receipts/list/ReceiptsView.tsx';

export const metadata: Metadata = { title: 'Receipts' };

export default function ReceiptsPage() {
  return <ReceiptsView />;
}
