import { PoliciesHead } from '#components/policies/PoliciesTabs.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';

export default function Loading() {
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="loading" />
      <SkeletonRows rows={12} />
    </div>
  );
}
