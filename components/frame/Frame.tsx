'use client';
import { Menu as MenuIcon, Search, X } from 'lucide-react';
import { usePathname } from 'next/navigation';
import { type ReactNode, Suspense, lazy, useEffect, useRef, useState } from 'react';
import { type Cluster, ClusterList } from '#lib/api/clusters.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { DRAWER_SLOT } from '#components/ui/Drawer.tsx';
import { ClusterSwitcher } from './ClusterSwitcher.tsx';
import { ConnectionBar } from './ConnectionBar.tsx';
import { CoverageChip } from './CoverageChip.tsx';
import { LiveSwitch } from './LiveSwitch.tsx';
import type { Person } from './person.ts';
import { PersonMenu, PersonPanel } from './PersonMenu.tsx';
import { Rail } from './Rail.tsx';
import { remember } from './remember.ts';
import { ThemeButton } from './Theme.tsx';
import { TimeRange } from './TimeRange.tsx';

// The palette is needed by few visits: its code comes when it is opened.
const Palette = lazy(() => import('./Palette.tsx').then(({ Palette: component }) => ({ default: component })));

/** What stands around every page: rail, top bar, connection bar, room for a drawer, command palette. */
export function Frame({ person, clusters: given, home, migrating, folded: foldedAtFirst, children }: FrameProps) {
  const view = useConsole();
  const pathname = usePathname();
  const { data } = useApi('/api/v1/clusters', ClusterList, { refreshMs: 30_000 });
  const clusters = data?.clusters ?? given;
  const [folded, setFolded] = useState(foldedAtFirst);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const sheet = useRef<HTMLDialogElement>(null);

  // Pages of no cluster (Settings) lead back to the one looked at last.
  const cluster = view.cluster === '' ? home : view.cluster;
  const current = clusters.find(({ id }) => id === cluster);
  // An address of a cluster that is not there has no status to ask for.
  const onCluster = view.cluster !== '' && current !== undefined;
  const page = /^\/c\/[^/]+\/([a-z]+)/.exec(pathname)?.[1] ?? 'overview';
  const hrefOf = (path: string) =>
    onCluster ? view.hrefOf(path) : cluster === '' ? '/' : `/c/${encodeURIComponent(cluster)}/${path}`;
  const api = cluster === '' ? '' : `/api/v1/clusters/${encodeURIComponent(cluster)}`;

  useEffect(() => {
    if (view.cluster !== '') remember('cluster', view.cluster);
  }, [view.cluster]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setPaletteOpen((open) => !open);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <div className="flex h-dvh flex-col print:block print:h-auto">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-surface focus:not-sr-only print:hidden focus:absolute focus:top-1 focus:left-1 focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      {current?.environment === 'PRD' && onCluster && <div aria-hidden="true" className="h-0.5 shrink-0 bg-solid print:hidden" />}
      <div className="flex min-h-0 flex-1 print:block">
        <Rail
          className="hidden md:flex print:hidden"
          hrefOf={hrefOf}
          api={api}
          migrating={migrating.includes(cluster) ? cluster : undefined}
          folded={folded}
          onFold={() => {
            setFolded(!folded);
            remember('rail', folded ? 'open' : 'folded');
          }}
        />
        <div className="flex min-w-0 flex-1 flex-col print:block">
          <header className="flex shrink-0 print:hidden flex-wrap items-center gap-x-2 border-b border-line bg-surface px-3 md:px-4 xl:h-12 xl:flex-nowrap">
            <Button
              look="quiet"
              size="icon"
              aria-label="Open navigation"
              className="md:hidden"
              onClick={() => sheet.current?.showModal()}
            >
              <MenuIcon size={18} aria-hidden="true" />
            </Button>
            <div className="flex h-13 min-w-0 flex-1 items-center xl:h-auto xl:flex-none">
              <ClusterSwitcher clusters={clusters} current={current} page={page} />
            </div>
            <button
              type="button"
              onClick={() => setPaletteOpen(true)}
              aria-keyshortcuts="Control+K Meta+K"
              className={cx(buttonClass('plain'), 'max-md:border-transparent max-md:px-2 md:w-40 md:justify-start xl:order-2')}
            >
              <Search size={16} aria-hidden="true" className="text-ink-3" />
              <span className="flex-1 text-left font-body text-ink-2 max-md:sr-only">Search</span>
              <kbd className="hidden rounded-sm border border-line px-1 font-mono text-12 text-ink-3 md:inline">Ctrl K</kbd>
            </button>
            <div
              className={cx(
                'order-1 h-11.5 w-full items-start gap-1.5 md:gap-2 xl:h-auto xl:w-auto xl:flex-1 xl:items-center',
                onCluster ? 'flex' : 'hidden xl:flex',
              )}
            >
              {onCluster && (
                <>
                  <TimeRange />
                  <LiveSwitch />
                  <span className="flex-1" />
                  <CoverageChip cluster={cluster} />
                </>
              )}
            </div>
            <div className="hidden items-center gap-2 md:flex xl:order-3">
              <ThemeButton />
              <PersonMenu person={person} />
            </div>
          </header>
          {onCluster && <ConnectionBar cluster={cluster} />}
          <div className="relative flex min-h-0 flex-1 print:block">
            <main
              id="content"
              tabIndex={-1}
              className="relative min-w-0 flex-1 overflow-auto outline-none print:overflow-visible"
            >
              {children}
            </main>
            <div id={DRAWER_SLOT} className="shrink-0 print:hidden" />
          </div>
        </div>
      </div>
      <dialog
        ref={sheet}
        aria-label="Navigation"
        className="m-0 h-dvh max-h-none w-72 max-w-[85vw] border-r border-line bg-bg text-ink backdrop:bg-ink/30"
      >
        <div className="flex h-full flex-col">
          <div className="flex items-center justify-end gap-2 border-b border-line px-3 py-2">
            <span className="flex-1 text-14 font-title">Menu</span>
            <ThemeButton />
            <Button look="quiet" size="icon" aria-label="Close navigation" onClick={() => sheet.current?.close()}>
              <X size={18} aria-hidden="true" />
            </Button>
          </div>
          <Rail
            className="flex w-full flex-1 border-r-0"
            hrefOf={hrefOf}
            api=""
            migrating={undefined}
            folded={false}
            onNavigate={() => sheet.current?.close()}
          />
          <PersonPanel person={person} onNavigate={() => sheet.current?.close()} />
        </div>
      </dialog>
      {paletteOpen && (
        <Suspense>
          <Palette
            clusters={clusters}
            person={person}
            hrefOf={hrefOf}
            api={api}
            migrating={migrating.includes(cluster) ? cluster : undefined}
            onClose={() => setPaletteOpen(false)}
          />
        </Suspense>
      )}
    </div>
  );
}
interface FrameProps {
  person: Person;
  clusters: readonly Cluster[];
  /** The cluster looked at last, or the first; empty when there is none. */
  home: string;
  /** Ids of the clusters that belong to a migration. */
  migrating: readonly string[];
  folded: boolean;
  children: ReactNode;
}
