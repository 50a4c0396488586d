import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

/** A framed part of a page: a head of 44 with its title, and what it says. */
export function Card({ title, hint, aside, children, flush = false, className, level = 2 }: CardProps) {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section aria-labelledby={id} className={cx('flex min-w-0 flex-col rounded-md border border-line bg-surface', className)}>
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-4 py-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <Heading id={id} className="text-14 font-title">
            {title}
          </Heading>
          {hint !== undefined && <span className="text-12 text-ink-3">{hint}</span>}
        </div>
        {aside !== undefined && <div className="flex min-w-0 items-center gap-2 text-12 text-ink-3">{aside}</div>}
      </header>
      <div className={cx('min-h-0 flex-1', !flush && 'p-4')}>{children}</div>
    </section>
  );
}
interface CardProps {
  title: ReactNode;
  hint?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** No inner padding: for tables that run from edge to edge. */
  flush?: boolean;
  className?: string | undefined;
  level?: 2 | 3;
}
