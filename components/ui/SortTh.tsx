import { cx } from './cx.ts';
import { Th } from './Table.tsx';

/** A head cell that sorts its table by its column; pressed again it goes back to the order before. */
export function SortTh({ label, active, direction = 'descending', back, number = false, onSort, className }: SortThProps) {
  return (
    <Th number={number} className={className} aria-sort={active ? direction : undefined}>
      <button
        type="button"
        className={cx('ring-focus inline-flex min-h-6 items-center gap-1 rounded-sm hover:text-ink', active && 'text-ink')}
        title={active ? back : `Sort by ${label.toLowerCase()}`}
        onClick={onSort}
      >
        {label}
        {active && (
          <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
            <path
              d={direction === 'descending' ? 'M1 2.5 4 6l3-3.5' : 'M1 5.5 4 2l3 3.5'}
              fill="none"
              stroke="currentColor"
              strokeWidth="1.4"
            />
          </svg>
        )}
      </button>
    </Th>
  );
}
interface SortThProps {
  label: string;
  active: boolean;
  direction?: 'ascending' | 'descending';
  /** Says on hover what a press does while it is active: `Back to names`. */
  back?: string;
  number?: boolean;
  onSort: () => void;
  className?: string;
}
