'use client';
import { X } from 'lucide-react';
import type { Verdict } from '#lib/flow/flow.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Mark, VERDICT_LOOK } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { chipTerms, hasTerm, toggleTerm, withoutTerm } from './filter-edit.ts';

const QUICK: readonly Verdict[] = ['FORWARDED', 'DROPPED', 'AUDIT', 'REDIRECTED', 'ERROR'];

const chip = 'ring-focus inline-flex h-8 max-w-60 items-center gap-1.5 rounded-md border px-2 text-12 md:h-6';
const chosen = 'border-accent-line bg-accent-tint text-accent-text';

/** Filters at one click: the verdicts, and each term of the filter, to take it out again. */
export function FilterChips({ filter, onFilter }: { filter: string; onFilter: (filter: string) => void }) {
  return (
    <ul className="-m-1 flex min-w-0 items-center gap-1.5 overflow-x-auto p-1 md:flex-wrap" aria-label="Quick filters">
      {QUICK.map((verdict) => {
        const pressed = hasTerm(filter, 'verdict', verdict);
        return (
          <li key={verdict} className="shrink-0">
            <button
              type="button"
              aria-pressed={pressed}
              onClick={() => onFilter(toggleTerm(filter, 'verdict', verdict))}
              className={cx(chip, 'font-label', pressed ? chosen : 'border-line-strong bg-surface text-ink-2 hover:bg-hover')}
            >
              <Mark name={VERDICT_LOOK[verdict].mark} />
              {verdict}
            </button>
          </li>
        );
      })}
      {chipTerms(filter).map(({ key, value }) => (
        <li key={`${key}:${value}`} className="min-w-0 shrink-0">
          <button
            type="button"
            onClick={() => onFilter(withoutTerm(filter, key, value))}
            aria-label={`Remove ${key}:${value} from the filter`}
            className={cx(chip, chosen, 'font-mono')}
          >
            <span className="truncate">
              {key}:{visibleText(value)}
            </span>
            <X size={12} aria-hidden="true" className="shrink-0" />
          </button>
        </li>
      ))}
    </ul>
  );
}
