import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx.ts';
import { ScrollArea } from './ScrollArea.tsx';

/** A table in a frame that scrolls sideways on its own when it must. `caption` names it for screen readers. */
export function Table({ caption, children, className }: { caption: string; children: ReactNode; className?: string }) {
  return (
    <ScrollArea label={caption}>
      <table className={cx('w-full text-left text-13', className)}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </ScrollArea>
  );
}

/** A head cell, 28 high. Numbers stand at the right, as their column does. */
export function Th({ number = false, className, ...rest }: { number?: boolean } & ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={cx(
        'h-7 px-2 text-12 font-label whitespace-nowrap text-ink-3 first:pl-4 last:pr-4',
        number && 'text-right',
        className,
      )}
      {...rest}
    />
  );
}

/** A row, 28 high when dense, 32 otherwise. */
export function Tr({ dense = true, selected = false, className, ...rest }: TrProps) {
  return (
    <tr
      aria-selected={selected || undefined}
      className={cx(
        'border-t border-line',
        dense ? 'h-7' : 'h-8',
        selected && 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]',
        className,
      )}
      {...rest}
    />
  );
}
type TrProps = { dense?: boolean; selected?: boolean } & ComponentProps<'tr'>;

/** A cell; a number is set in tabular figures at the right. */
export function Td({ number = false, className, ...rest }: { number?: boolean } & ComponentProps<'td'>) {
  return <td className={cx('px-2 first:pl-4 last:pr-4', number && 'num text-right whitespace-nowrap', className)} {...rest} />;
}
