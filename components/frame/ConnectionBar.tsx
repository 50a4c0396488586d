'use client';
import Link from 'next/link';
import { useConnections } from '#components/live/connections.ts';
import { useNow } from '#components/live/use-now.ts';
import { useStatus } from '#components/live/use-status.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { connectionView } from './connection-view.ts';

/** A thin bar while the connection is lost: the age of what is shown, and what is being done about it. */
export function ConnectionBar({ cluster }: { cluster: string }) {
  const connections = useConnections();
  const { error, at } = useStatus(cluster);
  const view = connectionView(connections.values(), { error, at }, useNow());
  if (!view) return null;
  return (
    <section
      aria-label="Connection"
      className="flex min-h-7 shrink-0 items-center gap-2 border-b border-line bg-audit-tint px-3 py-1 text-12 md:px-6"
    >
      <Mark name="stale" />
      {/* Only the title is announced: the seconds that count up would never stop talking. */}
      <output className="font-label">{view.title}</output>
      <span className="text-ink-2">{view.detail}</span>
      {view.signIn && (
        <Link href="/sign-in" prefetch={false} className="text-accent-text underline">
          Sign in again
        </Link>
      )}
    </section>
  );
}
