import type { Metadata } from 'next';
import { PreflightView } from '#components/migration/preflight/PreflightView.tsx';
import { may } from '../../may.ts';

export const metadata: Metadata = { title: 'Preflight' };

export default async function PreflightPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <PreflightView mayEdit={await may('evidence.edit', params)} />;
}
