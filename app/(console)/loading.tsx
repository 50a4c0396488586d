import { Skeleton } from '#components/ui/Skeleton.tsx';

/** The frame stands; the page is on its way. */
export default function ConsoleLoading() {
  return (
    <output aria-label="Loading the page" className="flex flex-col gap-4 px-3 py-4 md:px-6 md:py-5">
      <Skeleton className="h-6 w-40" />
      <Skeleton className="h-24 w-full" />
      <Skeleton className="h-72 w-full" />
    </output>
  );
}
