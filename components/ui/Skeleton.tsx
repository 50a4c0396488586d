import { cx } from './cx.ts';

/** A grey bar where text or a figure will stand. Still: a control room does not shimmer. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden="true" className={cx('block h-3 rounded-sm bg-hover', className)} />
);

const WIDTHS = ['w-11/12', 'w-3/4', 'w-5/6', 'w-3/5', 'w-2/3'];

/** Rows of a table that is on its way, in the height of the rows to come. */
export function SkeletonRows({ rows = 5, dense = true, label = 'Loading' }: { rows?: number; dense?: boolean; label?: string }) {
  return (
    <output aria-label={label} className="block px-4">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={cx('flex items-center', dense ? 'h-7' : 'h-8')}>
          <Skeleton className={WIDTHS[row % WIDTHS.length] ?? 'w-3/4'} />
        </span>
      ))}
    </output>
  );
}
