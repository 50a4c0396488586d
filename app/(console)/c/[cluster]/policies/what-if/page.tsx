import type { Metadata } from 'next';
import { WhatIfView } from '#components/policies/what-if/WhatIfView.tsx';
import { mayEditPolicies } from './may-edit.ts';

export const metadata: Metadata = { title: 'What-if' };

export default async function WhatIfPage({ params }: { params: Promise<{ cluster: string }> }) {
  return <WhatIfView mayEdit={await mayEditPolicies(params)} />;
}
