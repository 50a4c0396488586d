import type { Metadata } from 'next';
import { WhyView } from '#components/policies/why/WhyView.tsx';

export const metadata: Metadata = { title: 'Why' };

export default function WhyPage() {
  return <WhyView />;
}
