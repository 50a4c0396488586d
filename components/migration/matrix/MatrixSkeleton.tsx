import { Skeleton } from '#components/ui/Skeleton.tsx';

/** The matrix to come: five phases, three environments. */
export function MatrixSkeleton() {
  return (
    <output aria-label="Loading the plan" className="block rounded-md border border-line bg-surface">
      <span className="block h-7" />
      {Array.from({ length: 5 }, (_, row) => (
        <span
          key={row}
          className="grid h-10.5 grid-cols-[26fr_25fr] items-center gap-6 border-t border-line px-4 md:grid-cols-[26fr_25fr_25fr_25fr]"
        >
          {Array.from({ length: 4 }, (_cell, column) => (
            <Skeleton key={column} className={column > 1 ? 'w-3/5 max-md:hidden' : 'w-3/5'} />
          ))}
        </span>
      ))}
    </output>
  );
}
