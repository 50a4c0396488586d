'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { SETTINGS } from '#components/frame/pages.ts';
import { Page } from '#components/frame/Page.tsx';
import { useTabInSight } from '#components/frame/use-tab-in-sight.ts';
import { cx } from '#components/ui/cx.ts';

/** The pages of Settings, one beside the other. */
export function SettingsFrame({ oversees, children }: { oversees: boolean; children: ReactNode }) {
  const pathname = usePathname();
  const pages = SETTINGS.filter(({ roles }) => roles === undefined || oversees);
  const row = useTabInSight(pages.findIndex(({ path }) => pathname === `/settings/${path}`));
  return (
    <Page title="Settings" narrow>
      <nav ref={row} aria-label="Settings" className="-mx-3 overflow-x-auto border-b border-line px-3 md:mx-0 md:px-0">
        <ul className="flex md:gap-1">
          {pages.map(({ path, name }) => {
            const here = pathname === `/settings/${path}`;
            return (
              <li key={path}>
                <Link
                  href={`/settings/${path}`}
                  aria-current={here ? 'page' : undefined}
                  className={cx(
                    'ring-focus -mb-px flex h-9 items-center rounded-sm border-b-2 px-2 text-13 md:px-3 font-label whitespace-nowrap',
                    here ? 'border-accent text-ink' : 'border-transparent text-ink-2 hover:text-ink',
                  )}
                >
                  {name}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      {children}
    </Page>
  );
}
