import type { Metadata } from 'next';
import { WhatIfView } from '#components/policies/what-if/WhatIfView.tsx';
import { may } from '../../may.ts';

export const metadata: Metadata = { title: 'What-if' };

export default async function WhatIfPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <WhatIfView mayEdit={await may('policy.edit', params)} />;
}
