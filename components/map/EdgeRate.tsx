'use client';
import { Timeline } from '#lib/api/timeline.ts';
import type { Level } from '#lib/topology/topology.ts';
import { AreaSeries } from '#components/charts/AreaSeries.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { clock } from '#components/ui/format.ts';

/** An edge over the last hour: flows per second, and drops in a strip with a scale of its own, because a rare value would not be seen in the first. */
export function EdgeRate({ api, edge, level, capture }: { api: string; edge: string; level: Level; capture: string | null }) {
  const query = new URLSearchParams({ edge, level, range: '1h', step: '60000', ...(capture === null ? {} : { capture }) });
  const { data, error, loading, reload } = useApi(`${api}/timeline?${query}`, Timeline, {
    refreshMs: capture === null ? 30_000 : 0,
  });
  if (error && !data) return <Failed problem={error} onRetry={reload} className="-mx-4 -my-2" />;
  if (loading || !data)
    return (
      <div className="-mx-4">
        <SkeletonRows rows={4} />
      </div>
    );
  const perSecond = (counts: readonly number[] = []) => counts.map((count) => (count * 1000) / data.stepMs);
  const since = data.drops.findIndex((count) => count > 0);
  const redirected = data.verdicts.REDIRECTED;
  return (
    <>
      <AreaSeries
        title="Rate"
        unit="flows per second"
        times={data.times}
        stepMs={data.stepMs}
        series={[
          { name: 'all flows', values: perSecond(data.flows), tone: 'fwd' },
          ...(redirected
            ? [{ name: 'REDIRECTED', values: perSecond(redirected), tone: 'redir' as const, kind: 'inner' as const }]
            : []),
        ]}
        lost={data.lost}
        height={128}
      />
      {since >= 0 && (
        <>
          <p className="mt-1 text-12 text-drop-text">
            DROPPED, flows per minute, own scale{since > 0 && `, since ${clock(data.times[since] ?? 0)}`}
          </p>
          <AreaSeries
            title="Drops"
            unit="drops per minute"
            times={data.times}
            stepMs={data.stepMs}
            series={[
              { name: 'drops', values: data.drops.map((count) => (count * 60_000) / data.stepMs), tone: 'drop', kind: 'bars' },
            ]}
            lost={data.lost}
            height={96}
          />
        </>
      )}
    </>
  );
}
