'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useConsole } from '#components/live/use-console.ts';
import { cx } from '#components/ui/cx.ts';
import { useTabInSight } from './use-tab-in-sight.ts';

/** A view of a page of the cluster, by its path below the cluster. */
export interface View {
  readonly path: string;
  readonly name: string;
}

/** Leads between the views of one page; range and capture go along. On phones the row scrolls. */
export function ViewTabs({ label, views, className }: { label: string; views: readonly View[]; className?: string }) {
  const console = useConsole();
  const pathname = usePathname();
  const here = pathname?.replace(/^\/c\/[^/]+\//, '');
  const row = useTabInSight(views.findIndex(({ path }) => path === here));
  return (
    <nav ref={row} aria-label={label} className={cx('-mx-1 overflow-x-auto px-1 py-1', className)}>
      <ul className="flex items-center gap-0.5">
        {views.map(({ path, name }) => (
          <li key={path}>
            <Link
              href={console.hrefOf(path)}
              aria-current={here === path ? 'page' : undefined}
              className={cx(
                'ring-focus flex h-9 items-center rounded-md px-2.5 text-13 font-label whitespace-nowrap hover:bg-hover md:h-7',
                here === path ? 'bg-hover text-ink' : 'text-ink-2',
              )}
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The head of a view: the page's title, the way to its other views, and what can be done here. */
export function ViewHead({ page, title, tabs, actions }: ViewHeadProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <h1 className="text-20 font-title">
        {page}
        <span className="sr-only">: {title}</span>
      </h1>
      {tabs}
      {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
interface ViewHeadProps {
  /** What all its views are of: `Policies`. */
  page: string;
  title: string;
  tabs: ReactNode;
  actions?: ReactNode;
}
