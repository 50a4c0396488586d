import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { ReceiptId } from '#lib/api/receipts.ts';
import { ReceiptView } from '#components/receipts/receipt/ReceiptView.tsx';

export const metadata: Metadata = { title: 'Receipt' };

export default async function ReceiptPage({ params }: { params: Promise<{ receipt: string }> }) {
  const { receipt } = await params;
  if (!ReceiptId.safeParse(receipt).success) notFound();
  return <ReceiptView id={receipt} key={receipt} />;
}
