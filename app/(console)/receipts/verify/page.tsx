import type { Metadata } from 'next';
import { VerifyView } from '#components/receipts/verify/VerifyView.tsx';

export const metadata: Metadata = { title: 'Verify a receipt' };

export default function VerifyPage() {
  return <VerifyView />;
}
