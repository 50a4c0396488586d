import type { ComponentProps } from 'react';
import Link from 'next/link';
import { cx } from './cx.ts';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';
type Size = 'md' | 'sm' | 'icon';

/** Classes of a button, for elements that must be something else (a trigger, a label). Phones get a taller target. */
export const buttonClass = (look: Look = 'plain', size: Size = 'md') =>
  cx(
    'ring-focus inline-flex shrink-0 items-center justify-center gap-2 rounded-md text-13 font-label whitespace-nowrap transition-colors duration-100 select-none',
    'disabled:border-line disabled:bg-sunken disabled:text-ink-3 aria-disabled:border-line aria-disabled:bg-sunken aria-disabled:text-ink-3',
    size === 'md' && 'h-9 px-3 md:h-7 md:px-2.5',
    size === 'sm' && 'h-8 px-2 md:h-6 md:text-12',
    size === 'icon' && 'size-9 md:size-7',
    look === 'plain' && 'border border-line-strong bg-surface text-ink hover:bg-hover aria-expanded:bg-hover',
    look === 'primary' && 'border border-accent bg-accent text-on-accent hover:bg-[color-mix(in_oklab,var(--accent),black_12%)]',
    look === 'quiet' && 'border border-transparent text-ink-2 hover:bg-hover hover:text-ink aria-expanded:bg-hover',
    look === 'danger' && 'border border-drop-text bg-surface text-drop-text hover:bg-drop-tint',
  );

interface Looks {
  look?: Look;
  size?: Size;
}

/** A button. An icon alone needs `aria-label`. One primary button a page. */
export function Button({ look, size, className, type = 'button', ...rest }: Looks & ComponentProps<'button'>) {
  return <button type={type} className={cx(buttonClass(look, size), className)} {...rest} />;
}

/** A link that looks like a button. */
export function ButtonLink({ look, size, className, ...rest }: Looks & ComponentProps<typeof Link>) {
  return <Link className={cx(buttonClass(look, size), className)} {...rest} />;
}
