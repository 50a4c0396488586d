import type { Metadata } from 'next';
import { CapturesView } from '#components/flows/CapturesView.tsx';
import { mayCapture } from '../may-capture.ts';

export const metadata: Metadata = { title: 'Captures' };

export default async function CapturesPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <CapturesView mayWrite={await mayCapture(params)} />;
}
