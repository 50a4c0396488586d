'use client';
import { Search, X } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from './cx.ts';

/** A box to narrow what is shown, with its own clear button. */
export function SearchBox({ label, value, onChange, className, mono = false, ...rest }: SearchBoxProps) {
  return (
    <div className={cx('relative flex items-center', className)}>
      <Search size={14} aria-hidden="true" className="pointer-events-none absolute left-2.5 text-ink-3" />
      <input
        type="search"
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        spellCheck={false}
        autoComplete="off"
        className={cx(inputClass, 'w-full pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden', mono && 'font-mono text-12')}
        {...rest}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={`Clear ${label.toLowerCase()}`}
          onClick={() => onChange('')}
          className="ring-focus absolute right-1 inline-flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
        >
          <X size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
type SearchBoxProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
  mono?: boolean;
} & Omit<ComponentProps<'input'>, 'value' | 'onChange' | 'type'>;

/** Classes of a text field, 28 high (36 on phones). */
export const inputClass =
  'ring-focus h-9 rounded-md border border-control-line bg-surface px-2.5 text-13 text-ink placeholder:text-ink-3 disabled:bg-sunken disabled:text-ink-3 aria-invalid:border-drop-text md:h-7';
