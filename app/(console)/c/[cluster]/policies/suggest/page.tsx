import type { Metadata } from 'next';
import { SuggestView } from '#components/policies/suggest/SuggestView.tsx';

export const metadata: Metadata = { title: 'Suggest' };

export default function SuggestPage() {
  return <SuggestView />;
}
