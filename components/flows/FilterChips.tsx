'use client';
import type { Verdict } from '#lib/flow/flow.ts';
import { Mark, VERDICT_LOOK } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { X } from 'lucide-react';
import { hasTerm, toggleTerm, withoutTerm } from './filter-edit.ts';

const QUICK: readonly Verdict[] = ['FORWARDED', 'DROPPED', 'AUDIT', 'REDIRECTED', 'ERROR'];

/** Filters at one click: verdicts always, and each value of `keys` that the filter asks for, to take out again. */
export function FilterChips({ filter, onFilter, terms }: FilterChipsProps) {
  return (
    <div className="flex flex-wrap items-center gap-1.5" role="group" aria-label="Quick filters">
      {QUICK.map((verdict) => {
        const pressed = hasTerm(filter, 'verdict', verdict);
        return (
          <button
            key={verdict}
            type="button"
            aria-pressed={pressed}
            onClick={() => onFilter(toggleTerm(filter, 'verdict', verdict))}
            className={cx(
              'ring-focus inline-flex h-8 items-center gap-1.5 rounded-md border px-2 text-12 font-label md:h-6',
              pressed
                ? 'border-accent-line bg-accent-tint text-accent-text'
                : 'border-line-strong bg-surface text-ink-2 hover:bg-hover',
            )}
          >
            <Mark name={VERDICT_LOOK[verdict].mark} />
            {verdict}
          </button>
        );
      })}
      {terms.map(({ key, value }) => (
        <button
          key={`${key}:${value}`}
          type="button"
          onClick={() => onFilter(withoutTerm(filter, key, value))}
          aria-label={`Remove ${key}:${value} from the filter`}
          className="ring-focus inline-flex h-8 max-w-60 items-center gap-1.5 rounded-md border border-accent-line bg-accent-tint px-2 font-mono text-12 text-accent-text md:h-6"
        >
          <span className="truncate">
            {key}:{value}
          </span>
          <X size={12} aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}
interface FilterChipsProps {
  filter: string;
  onFilter: (filter: string) => void;
  /** Terms of the filter to show as chips that take themselves out. */
  terms: readonly { readonly key: string; readonly value: string }[];
}
