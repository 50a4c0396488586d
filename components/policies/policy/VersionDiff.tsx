'use client';
import { Suspense, lazy } from 'react';
import { PolicyVersionText, type PolicyDetail } from '#lib/api/policies.ts';
import { useApi } from '#components/live/use-api.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { policyPath } from '../links.ts';
import type { DiffView } from './diff-views.ts';

// Finding the smallest difference takes code that no other page needs.
const TextDiff = lazy(() => import('./TextDiff.tsx').then(({ TextDiff: component }) => ({ default: component })));

/** An old version of a policy against the one in force. */
export function VersionDiff({ api, detail, hash, view }: VersionDiffProps) {
  const { data, error, loading, reload } = useApi(
    `${api}/${policyPath(detail.summary.ref)}/versions/${encodeURIComponent(hash)}`,
    PolicyVersionText,
  );
  if (loading) return <SkeletonRows rows={10} />;
  if (!data) return error ? <Failed problem={error} onRetry={reload} /> : null;
  return (
    <Suspense fallback={<SkeletonRows rows={10} />}>
      <TextDiff
        before={data.yaml}
        after={detail.yaml}
        view={view}
        names={{ before: nameOf(data.version), after: `${nameOf(detail.summary)}, in force` }}
      />
    </Suspense>
  );
}
interface VersionDiffProps {
  api: string;
  detail: PolicyDetail;
  hash: string;
  view: DiffView;
}

const nameOf = ({ hash, generation }: { hash: string; generation?: number | undefined }): string =>
  `version ${hash.slice(0, 8)}${generation === undefined ? '' : ` (generation ${generation})`}`;
