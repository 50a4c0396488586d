import type { Metadata } from 'next';
import { KeysView } from '#components/receipts/keys/KeysView.tsx';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: 'Keys' };

export default async function KeysPage() {
  return <KeysView mayManage={authorize(await requireActor(), 'key.manage', 'organisation').allowed} />;
}
