import type { Metadata } from 'next';
import { InboxView } from '#components/migration/inbox/InboxView.tsx';

export const metadata: Metadata = { title: 'Approvals' };

export default function ApprovalsPage() {
  return <InboxView />;
}
