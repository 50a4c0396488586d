import type { Metadata } from 'next';
import { LintView } from '#components/policies/lint/LintView.tsx';

export const metadata: Metadata = { title: 'Lint of policies' };

export default function LintPage() {
  return <LintView />;
}
