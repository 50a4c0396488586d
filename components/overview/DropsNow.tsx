'use client';
import Link from 'next/link';
import type { DropsReport } from '#lib/api/drops.ts';
import { AreaSeries } from '#components/charts/AreaSeries.tsx';
import { HatchSwatch } from '#components/charts/Furniture.tsx';
import { Legend, LegendItem } from '#components/charts/Legend.tsx';
import { Loaded } from '#components/live/Loaded.tsx';
import type { ApiState } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Skeleton } from '#components/ui/Skeleton.tsx';
import { clock, duration } from '#components/ui/format.ts';
import { dropsChart } from './overview-view.ts';

/** Drops of the window against the window before, with what policy decided inside. */
export function DropsNow({ state, window, before, href, className }: DropsNowProps) {
  const comparable = state.data?.comparable === true;
  const since = state.data && dropsChart(state.data).since;
  return (
    <Card
      title={comparable ? `Drops now against the ${before}` : 'Drops'}
      className={className}
      aside={
        <Legend>
          <LegendItem look="line" tone="drop">
            {since === undefined ? window : `since ${clock(since)}`}
          </LegendItem>
          {comparable && <LegendItem look="before">{before}</LegendItem>}
          <LegendItem look="area" tone="drop">
            decided by policy
          </LegendItem>
        </Legend>
      }
      flush
    >
      <Loaded state={state} skeleton={<Skeleton className="m-4 h-72" />}>
        {(report) => (report.flows === 0 ? <NoFlows /> : <Chart report={report} window={window} before={before} href={href} />)}
      </Loaded>
    </Card>
  );
}
interface DropsNowProps {
  state: ApiState<DropsReport>;
  /** `last 1 h` */
  window: string;
  /** `hour before` */
  before: string;
  /** The Drops page with the same window. */
  href: string;
  className?: string;
}

const NoFlows = () => (
  <Empty title="No flows in this time">
    Nothing was received, so nothing can be said about drops. The coverage chip above tells how the relay is.
  </Empty>
);

const FirstSteps = ({ since, stepMs }: { since: number; stepMs: number }) => (
  <Empty title="There is too little history for this chart">
    Flows come since {clock(since)} UTC, and one step of the chart is {duration(stepMs)}. It begins when two steps are full
    {stepMs > 60_000 && '; a shorter time range shows more'}.
  </Empty>
);

function Chart({ report, window, before, href }: { report: DropsReport; window: string; before: string; href: string }) {
  const chart = dropsChart(report);
  if (chart.since !== undefined && chart.times.length < 2) return <FirstSteps since={chart.since} stepMs={report.stepMs} />;
  const unit = report.stepMs === 60_000 ? 'drops per minute' : `drops per minute, mean of ${report.stepMs / 60_000} min`;
  return (
    <div className="p-4">
      <AreaSeries
        title={`Drops, ${chart.since === undefined ? window : `since ${clock(chart.since)}`}`}
        unit={unit}
        times={chart.times}
        stepMs={chart.stepMs}
        series={[
          { name: 'all drops', values: chart.all, tone: 'drop' },
          { name: 'decided by policy', values: chart.policy, tone: 'drop', kind: 'inner' },
        ]}
        before={chart.before && { name: before, values: chart.before }}
        lost={chart.lost}
        height={264}
      />
      <div className="mt-2 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 text-12 text-ink-3">
        <p className="min-w-0">
          {chart.since !== undefined && `Nothing was received before ${clock(chart.since)}: the chart begins there. `}
          {chart.sentences.length > 0 ? (
            <>
              <HatchSwatch /> {chart.sentences.join(' ')}
            </>
          ) : (
            `Nothing was lost ${chart.since === undefined ? 'in this time' : 'since'}.`
          )}
        </p>
        <p>
          {unit}, UTC · a packet counts once ·{' '}
          <Link href={href} className="text-accent-text underline">
            All drops
          </Link>
        </p>
      </div>
    </div>
  );
}
