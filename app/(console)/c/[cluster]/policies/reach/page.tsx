import type { Metadata } from 'next';
import { ReachView } from '#components/policies/reach/ReachView.tsx';

export const metadata: Metadata = { title: 'Reach' };

export default function ReachPage() {
  return <ReachView />;
}
