import { Skeleton } from '#components/ui/Skeleton.tsx';

/** Islands where the islands will be. */
export function MapSkeleton() {
  return (
    <output aria-label="Loading the map" className="flex h-full flex-col">
      <span className="h-11 shrink-0 border-b border-line bg-surface" />
      <span className="flex flex-1 flex-wrap content-center items-start justify-center gap-9 p-8">
        {[3, 5, 2, 3].map((cards, island) => (
          <span key={island} className="grid grid-cols-2 gap-x-11 gap-y-13 rounded-lg border border-hull-line bg-hull p-3 pt-10">
            {Array.from({ length: cards }, (_, card) => (
              <Skeleton key={card} className="h-11.5 w-38" />
            ))}
          </span>
        ))}
      </span>
      <span className="h-15 shrink-0 border-t border-line bg-surface max-md:hidden" />
    </output>
  );
}
