'use client';
import { DropdownMenu } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx.ts';

/** A list of actions or choices below a button. `trigger` must be one element that takes a ref. */
export function Menu({ trigger, children, align = 'start', className }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={12}
          className={cx(
            'z-50 max-h-[70dvh] min-w-44 overflow-auto rounded-md border border-line-strong bg-surface p-1 text-13 text-ink outline-none',
            className,
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'center' | 'end';
  className?: string;
}

const item =
  'flex min-h-9 cursor-default items-center gap-2 rounded-sm px-2 outline-none select-none data-disabled:text-ink-3 data-highlighted:bg-hover md:min-h-7';

/** One action. */
export const MenuItem = ({ className, ...rest }: ComponentProps<typeof DropdownMenu.Item>) => (
  <DropdownMenu.Item className={cx(item, className)} {...rest} />
);

/** One choice of several that exclude each other; wrap in `MenuChoices`. */
export const MenuChoice = ({ className, children, ...rest }: ComponentProps<typeof DropdownMenu.RadioItem>) => (
  <DropdownMenu.RadioItem className={cx(item, 'pr-6', className)} {...rest}>
    <span className="flex w-3 justify-center">
      <DropdownMenu.ItemIndicator>
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path d="M1.6 6.4 4.6 9.4 10.4 2.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </svg>
      </DropdownMenu.ItemIndicator>
    </span>
    {children}
  </DropdownMenu.RadioItem>
);
export const MenuChoices = DropdownMenu.RadioGroup;
/** One thing that is on or off. */
export const MenuCheck = ({ className, children, ...rest }: ComponentProps<typeof DropdownMenu.CheckboxItem>) => (
  <DropdownMenu.CheckboxItem className={cx(item, 'pr-6', className)} {...rest}>
    <span className="flex w-3 justify-center">
      <DropdownMenu.ItemIndicator>
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
          <path d="M1.6 6.4 4.6 9.4 10.4 2.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </svg>
      </DropdownMenu.ItemIndicator>
    </span>
    {children}
  </DropdownMenu.CheckboxItem>
);
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-12 text-ink-3">{children}</DropdownMenu.Label>
);
export const MenuSeparator = () => <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
