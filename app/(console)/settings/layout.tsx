import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { SettingsFrame } from '#components/settings/SettingsFrame.tsx';
import { authorize } from '#lib/auth/authorize.ts';
import { requireActor } from '#lib/auth/page.ts';

export const metadata: Metadata = { title: { default: 'Settings', template: '%s · Settings · Causeway' } };

export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const actor = await requireActor();
  return <SettingsFrame oversees={authorize(actor, 'member.read', 'organisation').allowed}>{children}</SettingsFrame>;
}
