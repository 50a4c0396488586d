'use client';
import { Timeline } from '#lib/api/timeline.ts';
import type { Level } from '#lib/topology/topology.ts';
import { AreaSeries } from '#components/charts/AreaSeries.tsx';
import { completeBuckets } from '#components/charts/scale.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { clock } from '#components/ui/format.ts';
import { silentMinutes } from './history.ts';
import { useHistory } from './use-history.ts';

/** An edge over the last hour: flows per second, and drops in a strip with a scale of its own, because a rare value would not be seen in the first. */
export function EdgeRate({ view, edge, level }: { view: Console; edge: string; level: Level }) {
  const { api, capture } = view;
  const history = useHistory(view);
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
  const full = completeBuckets(data.times, data.stepMs, data.to);
  const times = data.times.slice(0, full);
  const silent = history && silentMinutes(history);
  // A minute of which nothing is known is a hole and hatched, not a zero.
  const per = (ms: number, counts: readonly number[] = []) =>
    times.map((time, index) => (silent?.has(time) === true ? Number.NaN : ((counts[index] ?? 0) * ms) / data.stepMs));
  const lost = times.map((time, index) =>
    silent?.has(time) === true ? Math.max(1, data.lost[index] ?? 0) : (data.lost[index] ?? 0),
  );
  const since = data.drops.findIndex((count) => count > 0);
  const redirected = data.verdicts.REDIRECTED;
  return (
    <>
      <AreaSeries
        title="Rate"
        unit="flows per second"
        times={times}
        stepMs={data.stepMs}
        series={[
          { name: 'all flows', values: per(1000, data.flows), tone: 'fwd' },
          ...(redirected
            ? [{ name: 'REDIRECTED', values: per(1000, redirected), tone: 'redir' as const, kind: 'inner' as const }]
            : []),
        ]}
        lost={lost}
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
            times={times}
            stepMs={data.stepMs}
            series={[{ name: 'drops', values: per(60_000, data.drops), tone: 'drop', kind: 'bars' }]}
            lost={lost}
            height={96}
          />
        </>
      )}
    </>
  );
}
