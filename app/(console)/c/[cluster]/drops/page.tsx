import type { Metadata } from 'next';
import { DropsView } from '#components/drops/DropsView.tsx';

export const metadata: Metadata = { title: 'Drops' };

export default function DropsPage() {
  return <DropsView />;
}
