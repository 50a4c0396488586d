'use client';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { type ReactNode, useEffect, useRef } from 'react';
import { useConsole } from '#components/live/use-console.ts';
import { cx } from '#components/ui/cx.ts';

/** The views of Policies, in the order of the work: what is there, does it hold, what would change, what is missing. */
export const POLICY_VIEWS = [
  { path: 'policies', name: 'Inventory' },
  { path: 'policies/audit', name: 'Audit' },
  { path: 'policies/what-if', name: 'What-if' },
  { path: 'policies/suggest', name: 'Suggest' },
  { path: 'policies/reach', name: 'Reach' },
  { path: 'policies/why', name: 'Why' },
  { path: 'policies/lint', name: 'Lint' },
] as const;

/** Leads between the views of Policies; range and capture go along. On phones the row scrolls. */
export function PoliciesTabs({ className }: { className?: string }) {
  const view = useConsole();
  const pathname = usePathname();
  const here = pathname?.replace(/^\/c\/[^/]+\//, '');
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = row;
    const place = POLICY_VIEWS.findIndex(({ path }) => path === here);
    const tab = current?.querySelectorAll<HTMLElement>('a')[place];
    if (current && tab) current.scrollLeft = tab.offsetLeft + tab.offsetWidth - current.clientWidth;
  }, [here]);
  return (
    <nav ref={row} aria-label="Policies" className={cx('-mx-1 overflow-x-auto px-1 py-1', className)}>
      <ul className="flex items-center gap-0.5">
        {POLICY_VIEWS.map(({ path, name }) => (
          <li key={path}>
            <Link
              href={view.hrefOf(path)}
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

/** The head of a view of Policies: title, the way to the others, and what can be done here. */
export function PoliciesHead({ title, actions }: { title: string; actions?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <h1 className="text-20 font-title">
        Policies<span className="sr-only">: {title}</span>
      </h1>
      <PoliciesTabs className="min-w-0" />
      {actions !== undefined && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  );
}
