import type { Metadata } from 'next';
import { ValuesView } from '#components/migration/values/ValuesView.tsx';

export const metadata: Metadata = { title: 'Values' };

export default function ValuesPage() {
  return <ValuesView />;
}
