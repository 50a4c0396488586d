'use client';
import { PanelLeft } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Fragment, type ReactNode } from 'react';
import { DropsReport } from '#lib/api/drops.ts';
import { ApprovalInbox, Migration } from '#lib/api/migration.ts';
import { useApi } from '#components/live/use-api.ts';
import { waitingFor } from '#components/migration/inbox/inbox-view.ts';
import { currentPhase, environmentOf } from '#components/migration/matrix/matrix-view.ts';
import { APPROVALS_API, migrationApi } from '#components/migration/use-migration.ts';
import { newDrops } from '#components/overview/new-drops.ts';
import { cx } from '#components/ui/cx.ts';
import { Logo } from './Logo.tsx';
import { APPROVALS_ICON as InboxIcon, PAGES, SETTINGS_ICON as SettingsIcon } from './pages.ts';

/** Pages of the cluster in the groups of the rail, a line between them. */
const GROUPS = [PAGES.filter((page) => !('proof' in page)), PAGES.filter((page) => 'proof' in page)];

/** Where one can go: the pages of the cluster in sight, and Settings. Folded it shows icons, with the words as names and hovers. */
export function Rail({ hrefOf, api, migrating, folded, onFold, onNavigate, className }: RailProps) {
  const pathname = usePathname();
  // `/c/CLUSTER/PAGE/...`, or a page of no cluster.
  const [first, , ofCluster] = pathname.split('/').slice(1);
  const here = first === 'c' ? ofCluster : first;
  const fresh = useNewDrops(api);
  const stage = useStage(migrating);
  const waiting = useWaiting();
  return (
    <nav
      aria-label="Pages"
      className={cx('shrink-0 flex-col border-r border-line bg-bg px-2 py-2.5', folded ? 'w-14' : 'w-50', className)}
    >
      <Link
        href="/"
        className={cx('mb-3 flex h-7 items-center gap-2.5 rounded-md text-16 font-title', folded ? 'justify-center' : 'px-2')}
        aria-label="Causeway, start page"
      >
        <Logo />
        {!folded && 'Causeway'}
      </Link>
      {GROUPS.map((pages, group) => (
        <Fragment key={pages[0]?.path}>
          {group > 0 && <hr className="mx-2 my-2.5 border-line" />}
          <ul className="flex flex-col gap-0.5">
            {pages.map(({ path, name, icon: Icon }) => (
              <RailItem
                key={path}
                href={hrefOf(path)}
                name={name}
                icon={<Icon size={16} aria-hidden="true" />}
                here={path === here}
                folded={folded}
                onClick={onNavigate}
                note={path === 'drops' && fresh > 0 ? `${fresh} new` : path === 'migration' ? stage : undefined}
              />
            ))}
          </ul>
        </Fragment>
      ))}
      <hr className="mx-2 my-2.5 border-line" />
      <ul className="flex flex-col gap-0.5">
        <RailItem
          href="/approvals"
          name="Approvals"
          icon={<InboxIcon size={16} aria-hidden="true" />}
          here={pathname === '/approvals'}
          folded={folded}
          onClick={onNavigate}
          note={waiting > 0 ? `${waiting} for you` : undefined}
        />
        <RailItem
          href="/settings/clusters"
          name="Settings"
          icon={<SettingsIcon size={16} aria-hidden="true" />}
          here={pathname.startsWith('/settings')}
          folded={folded}
          onClick={onNavigate}
        />
      </ul>
      {onFold && (
        <button
          type="button"
          onClick={onFold}
          aria-label={folded ? 'Unfold navigation' : 'Fold navigation'}
          title={folded ? 'Unfold navigation' : 'Fold navigation'}
          className={cx(itemClass, 'mt-auto text-ink-2', folded ? 'justify-center' : 'px-2.5')}
        >
          <PanelLeft size={16} aria-hidden="true" />
          {!folded && 'Fold'}
        </button>
      )}
    </nav>
  );
}
interface RailProps {
  hrefOf: (page: string) => string;
  /** Base of the cluster's API; empty where there is no cluster. */
  api: string;
  /** Id of the cluster in sight where it belongs to a migration. */
  migrating: string | undefined;
  folded: boolean;
  onFold?: () => void;
  onNavigate?: () => void;
  className?: string;
}

const itemClass =
  'ring-focus flex h-10 w-full items-center gap-2.5 rounded-md text-14 font-label hover:bg-hover md:h-7.5 md:text-13';

function RailItem({ href, name, icon, here, folded, note, onClick }: RailItemProps) {
  return (
    <li>
      <Link
        href={href}
        {...(onClick && { onClick })}
        aria-current={here ? 'page' : undefined}
        title={folded ? name : undefined}
        className={cx(itemClass, folded ? 'justify-center' : 'px-2.5', here ? 'bg-hover text-ink' : 'text-ink-2')}
      >
        {icon}
        <span className={folded ? 'sr-only' : 'flex-1'}>{name}</span>
        {note !== undefined && !folded && <span className="text-12 font-body text-ink-3">{note}</span>}
      </Link>
    </li>
  );
}
interface RailItemProps {
  href: string;
  name: string;
  icon: ReactNode;
  here: boolean;
  folded: boolean;
  note?: string | undefined;
  onClick: (() => void) | undefined;
}

/** Drops of the last hour that were never seen before, counted as the Overview lists them. */
function useNewDrops(api: string): number {
  const { data } = useApi(api === '' ? null : `${api}/drops?range=1h`, DropsReport, { refreshMs: 60_000 });
  return data ? newDrops(data).length : 0;
}

/** `3 · PRD`: the phase the cluster is in, and its environment. */
function useStage(cluster: string | undefined): string | undefined {
  const { data } = useApi(cluster === undefined ? null : migrationApi(cluster), Migration, { refreshMs: 60_000 });
  const env = data && cluster !== undefined ? environmentOf(data, cluster) : undefined;
  return data && env && `${currentPhase(data, env)} · ${env}`;
}

/** How many decisions wait for whoever looks. */
function useWaiting(): number {
  const { data } = useApi(APPROVALS_API, ApprovalInbox, { refreshMs: 30_000 });
  return data ? waitingFor(data) : 0;
}
