import { Card } from '#components/ui/Card.tsx';
import { FigureRow } from '#components/ui/Figure.tsx';
import { Skeleton, SkeletonRows } from '#components/ui/Skeleton.tsx';

/** The inventory to come, in its own measures. */
export function InventorySkeleton() {
  return (
    <>
      <div className="flex h-9.5 items-center rounded-md border border-line bg-surface px-3">
        <Skeleton className="w-72" />
      </div>
      <FigureRow label="Figures">
        {Array.from({ length: 4 }, (_, index) => (
          <div key={index} className="-mt-px -ml-px flex h-24 flex-col justify-center gap-2.5 border-t border-l border-line px-4">
            <Skeleton className="w-24" />
            <Skeleton className="h-5 w-16" />
            <Skeleton className="w-36" />
          </div>
        ))}
      </FigureRow>
      <Card title="Policies" flush>
        <SkeletonRows rows={12} label="Loading policies" />
      </Card>
    </>
  );
}
