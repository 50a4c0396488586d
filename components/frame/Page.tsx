import type { ReactNode } from 'react';
import { cx } from '#components/ui/cx.ts';

/** A page with its title line; pages that fill the window (the map) do without. */
export function Page({ title, hint, actions, children, narrow = false }: PageProps) {
  return (
    <div className={cx('mx-auto flex flex-col gap-4 px-3 py-4 md:px-6 md:py-5', narrow ? 'max-w-[1040px]' : 'max-w-[1760px]')}>
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
          <h1 className="text-20 font-title">{title}</h1>
          {hint !== undefined && <p className="text-13 text-ink-3">{hint}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
interface PageProps {
  title: ReactNode;
  hint?: ReactNode;
  /** One primary action at most. */
  actions?: ReactNode;
  children: ReactNode;
  narrow?: boolean;
}
