import { Card } from '#components/ui/Card.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { Skeleton, SkeletonRows } from '#components/ui/Skeleton.tsx';
import type { CellPlace } from '../matrix/matrix-view.ts';

/** The three panels of a phase, in their own measures, while it is on its way. */
export function PhaseSkeleton({ place }: { place?: CellPlace }) {
  return (
    <output
      aria-label="Loading the phase"
      className="grid items-start gap-3 @min-[1060px]:grid-cols-[minmax(0,300fr)_minmax(0,552fr)_minmax(0,316fr)] print:hidden"
    >
      <Card
        flush
        title={
          place ? (
            <span className="flex items-center gap-2">
              Phase {place.phase} in <EnvironmentTag environment={place.env} />
            </span>
          ) : (
            'Phase'
          )
        }
      >
        <SkeletonRows rows={9} dense={false} />
      </Card>
      <Card flush title="Evidence">
        <div className="flex flex-col gap-3 p-4">
          <Skeleton className="h-20 w-full" />
        </div>
        <SkeletonRows rows={10} />
      </Card>
      <Card flush title="Gate">
        <SkeletonRows rows={8} dense={false} />
      </Card>
    </output>
  );
}
