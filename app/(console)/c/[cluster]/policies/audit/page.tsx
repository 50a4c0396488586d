import type { Metadata } from 'next';
import { AuditView } from '#components/policies/audit/AuditView.tsx';

export const metadata: Metadata = { title: 'Audit of policies' };

export default function AuditPage() {
  return <AuditView />;
}
