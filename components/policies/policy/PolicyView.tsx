'use client';
import { PolicyDetail } from '#lib/api/policies.ts';
import { windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Stale } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { JudgeFailed } from '../JudgeFailed.tsx';
import { policyPath } from '../links.ts';
import { PolicyBody } from './PolicyBody.tsx';
import { PolicyHead } from './PolicyHead.tsx';

/** One policy: its text with what each rule did, what it selects, how it came to be so, and what is wrong with it. */
export function PolicyView({ policy }: { policy: string }) {
  const view = useConsole();
  const state = useApi(`${view.api}/${policyPath(policy)}?${windowQuery(view.window)}`, PolicyDetail, {
    refreshMs: view.refreshMs === 0 ? 0 : 30_000,
  });
  const { data, error, loading, staleSince, changing, reload } = state;
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <PolicyHead policy={policy} detail={data} />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {loading && <Loading />}
      {!data && error && (
        <Card flush title="Text">
          {error.status === 404 ? (
            <Empty
              title="No policy of this name is in force"
              action={<ButtonLink href={view.hrefOf('policies')}>All policies</ButtonLink>}
            >
              It was deleted, renamed, or is not among the objects that the console can read.
            </Empty>
          ) : (
            <JudgeFailed problem={error} onRetry={reload} />
          )}
        </Card>
      )}
      {data && <PolicyBody detail={data} old={changing || staleSince !== undefined} />}
    </div>
  );
}

function Loading() {
  return (
    <div className="grid items-start gap-3 xl:grid-cols-2">
      <Card flush title="Text">
        <SkeletonRows rows={24} label="Loading the policy" />
      </Card>
      <div className="flex flex-col gap-3">
        {['Rules', 'Selects', 'Versions'].map((title) => (
          <Card key={title} flush title={title}>
            <SkeletonRows rows={4} label={`Loading ${title.toLowerCase()}`} />
          </Card>
        ))}
      </div>
    </div>
  );
}
