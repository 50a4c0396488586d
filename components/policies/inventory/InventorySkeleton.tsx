import { Card } from '#components/ui/Card.tsx';
import { FigureRowSkeleton } from '#components/ui/Figure.tsx';
import { Skeleton, SkeletonRows } from '#components/ui/Skeleton.tsx';

/** The inventory to come, in its own measures. */
export function InventorySkeleton() {
  return (
    <>
      <div className="flex h-9.5 items-center rounded-md border border-line bg-surface px-3">
        <Skeleton className="w-72" />
      </div>
      <FigureRowSkeleton />
      <Card title="Policies" flush>
        <SkeletonRows rows={12} label="Loading policies" />
      </Card>
    </>
  );
}
