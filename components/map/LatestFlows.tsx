'use client';
import { flowOfJson, FlowPage } from '#lib/api/flows.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { cellsOf } from '#components/flows/flow-cells.ts';
import { useApi } from '#components/live/use-api.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { VerdictMark } from '#components/ui/Mark.tsx';
import { clockMs, utc } from '#components/ui/format.ts';

/** The newest flows that match a filter, as short rows. */
export function LatestFlows({
  api,
  filter,
  query,
  refreshMs,
}: {
  api: string;
  filter: string;
  query: string;
  refreshMs: number;
}) {
  const { data, error, loading, reload } = useApi(
    `${api}/flows?${new URLSearchParams({ filter, limit: '6' })}&${query}`,
    FlowPage,
    { refreshMs },
  );
  if (error && !data) return <Failed problem={error} onRetry={reload} className="-mx-4 -my-2" />;
  if (loading || !data)
    return (
      <div className="-mx-4">
        <SkeletonRows rows={4} />
      </div>
    );
  if (data.flows.length === 0)
    return <p className="text-13 text-ink-2">None is held any more: the ring keeps the newest flows of the cluster only.</p>;
  return (
    <ul className="flex flex-col">
      {data.flows.map((json, index) => {
        const flow: Flow = flowOfJson(json);
        const { summary, port, because, direction } = cellsOf(flow);
        const aside = because.bad ? because.text : direction;
        return (
          <li
            key={flow.uuid || `${flow.time} ${index}`}
            className="flex h-7 items-center gap-2 border-t border-line text-12 first:border-t-0"
          >
            <time dateTime={new Date(flow.time).toISOString()} title={utc(flow.time)} className="shrink-0 font-mono text-ink-3">
              {clockMs(flow.time)}
            </time>
            <VerdictMark verdict={flow.verdict} />
            <span className="min-w-0 flex-1 truncate font-mono" title={summary}>
              {summary || port}
            </span>
            <span
              className={because.bad ? 'max-w-36 shrink-0 truncate text-drop-text' : 'shrink-0 text-ink-3'}
              title={because.title}
            >
              {aside}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
