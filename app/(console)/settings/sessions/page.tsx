import type { Metadata } from 'next';
import { Sessions } from '#components/settings/Sessions.tsx';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Sessions' };

export default async function SessionsPage() {
  const actor = await requireActor();
  return (
    <Sessions
      subject={actor.subject}
      maySeeAll={authorize(actor, 'session.read', 'organisation').allowed}
      mayRevokeAll={authorize(actor, 'session.revoke', 'organisation').allowed}
    />
  );
}
