'use client';
import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** One choice of a few, all in sight. Arrow keys move between them. */
export function Segmented<T extends string>({ label, value, onChange, options, size = 'md', className }: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        // Radix gives '' when the chosen one is pressed again: one of them is always on.
        const found = options.find((option) => option.value === next);
        if (found) onChange(found.value);
      }}
      className={cx(
        'inline-flex shrink-0 self-start rounded-md border border-line-strong bg-surface',
        size === 'md' ? 'h-9 md:h-7' : 'h-8 md:h-6',
        className,
      )}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className={cx(
            'ring-focus inline-flex items-center gap-1.5 border-l border-line-strong px-2.5 font-label whitespace-nowrap first:rounded-l-[5px] first:border-l-0 last:rounded-r-[5px]',
            'text-ink-2 hover:bg-hover data-[state=on]:bg-accent-tint data-[state=on]:text-accent-text',
            size === 'md' ? 'text-13' : 'text-12',
          )}
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: readonly { readonly value: T; readonly label: ReactNode }[];
  size?: 'md' | 'sm';
  className?: string;
}
