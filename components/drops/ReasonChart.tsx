'use client';
import type { DropsReport } from '#lib/api/drops.ts';
import { ChartTable } from '#components/charts/ChartTable.tsx';
import { HatchSwatch } from '#components/charts/Furniture.tsx';
import { SeriesRow, TimeAxis } from '#components/charts/SeriesRow.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Delta, Num } from '#components/ui/Num.tsx';
import { clock, exact, percent } from '#components/ui/format.ts';
import { cx } from '#components/ui/cx.ts';
import { TotalBars } from './TotalBars.tsx';
import { type ReasonRow, fullBuckets, lostSentence, reasonRows, stepText } from './drops-view.ts';

/** Label, series, count, change: the columns of all rows, so that they share one time axis. */
const COLUMNS =
  'grid items-center gap-x-3 grid-cols-[minmax(0,1fr)_64px_56px] md:gap-x-4 md:grid-cols-[216px_minmax(0,1fr)_72px_56px]';

/** Drops by reason: the total with the window before, then a row for each reason on the same time axis, each on its own scale. */
export function ReasonChart({ report, window, chosen, onReason, loading = false }: ReasonChartProps) {
  const rows = reasonRows(report);
  const full = fullBuckets(report);
  const cut = <T,>(series: readonly T[]) => series.slice(0, full);
  // Of a bucket in which nothing was received nothing is known: a hole, hatched, not a zero.
  const known = (values: readonly number[]) =>
    cut(values).map((value, index) => (report.silent[index] === true ? Number.NaN : value));
  const perMinute = (values: readonly number[]) => known(values).map((value) => value * (60_000 / report.stepMs));
  const times = cut(report.times);
  const lost = cut(report.lost).map((count, index) => (report.silent[index] === true ? Math.max(1, count) : count));
  const length = stepText(Math.round((report.to - report.from) / 60_000) * 60_000);
  const gap = lostSentence(report, clock);
  return (
    <Card
      title="By reason"
      className={cx(loading && 'stale')}
      aside={
        <span className="flex flex-wrap items-center justify-end gap-x-3">
          <span className="flex items-center gap-1.5 text-ink-2 max-md:sr-only">
            <Mark name="dropped" /> decided by policy
          </span>
          <span className="flex items-center gap-1.5 text-ink-2 max-md:sr-only">
            <Mark name="trace" /> other cause
          </span>
          <span>
            {report.comparable
              ? `change: ${length} against the ${length} before`
              : `change not known: the ${length} before is not kept`}
          </span>
        </span>
      }
    >
      <div className={cx(COLUMNS, 'pb-1.5')}>
        <div className="max-md:col-span-3">
          <p className="text-20 font-title" title={`${exact(report.total)} drops`}>
            {exact(report.total)}
          </p>
          <p className="text-12 text-ink-3">
            of {exact(report.flows)} flows, {window}
            {percent(report.total, report.flows) !== undefined && ` (${percent(report.total, report.flows)})`}
          </p>
        </div>
        <div className="max-md:col-span-3 md:col-span-3">
          <TotalBars
            times={times}
            stepMs={report.stepMs}
            values={perMinute(report.series)}
            policy={perMinute(report.seriesPolicy)}
            before={report.comparable ? cut(report.seriesBefore).map((value) => value * (60_000 / report.stepMs)) : undefined}
            lost={lost}
          />
        </div>
      </div>
      <ul aria-label="Drop reasons">
        {rows.map((row) => (
          <Reason
            key={row.reason}
            row={row}
            report={report}
            times={times}
            lost={lost}
            values={known(row.series)}
            pressed={chosen(row.reason)}
            onReason={onReason}
          />
        ))}
      </ul>
      <div className={cx(COLUMNS, 'border-t border-line pt-1')}>
        <span className="max-md:hidden" />
        <div className="max-md:col-span-3">
          <TimeAxis from={report.times[0] ?? report.from} to={(times.at(-1) ?? report.from) + report.stepMs} />
        </div>
      </div>
      <footer className="mt-3 flex flex-wrap items-start justify-between gap-x-6 gap-y-1 text-12 text-ink-3">
        <span className="flex min-w-0 items-start gap-2">
          {gap === '' ? (
            <>A packet that a policy verdict and a drop event both report is counted once.</>
          ) : (
            <>
              <span className="mt-0.5">
                <HatchSwatch />
              </span>
              <span>{gap} A packet reported by two events is counted once.</span>
            </>
          )}
        </span>
        <span className="flex flex-wrap gap-x-4">
          {report.comparable && (
            <span className="flex items-center gap-1.5">
              <svg width="16" height="6" aria-hidden="true">
                <path d="M0 3h16" className="stroke-before" strokeWidth="1.4" strokeDasharray="3 2.5" />
              </svg>
              the {length} before
            </span>
          )}
          <span>{stepText(report.stepMs)} steps, each row on its own scale</span>
        </span>
      </footer>
      <ChartTable
        caption={`Drops by reason, per ${stepText(report.stepMs)}, ${window}`}
        columns={['Time, UTC', 'all', ...rows.map(({ label }) => label), 'events lost']}
        rows={report.times.map((time, index) => [
          clock(time),
          exact(report.series[index] ?? 0),
          ...rows.map(({ series }) => exact(series[index] ?? 0)),
          exact(report.lost[index] ?? 0),
        ])}
      />
    </Card>
  );
}
interface ReasonChartProps {
  report: DropsReport;
  /** `last 3 h`, said after the number of flows. */
  window: string;
  /** Whether the filter asks for a reason. */
  chosen: (reason: string) => boolean;
  onReason: (reason: string) => void;
  /** Another window or filter was asked for and has not come yet. */
  loading?: boolean;
}

interface ReasonProps {
  row: ReasonRow;
  report: DropsReport;
  times: readonly number[];
  values: readonly number[];
  lost: readonly number[];
  pressed: boolean;
  onReason: (reason: string) => void;
}

function Reason({ row, report, times, values, lost, pressed, onReason }: ReasonProps) {
  return (
    <li className={cx(COLUMNS, 'min-h-6.5 border-t border-line', pressed && 'bg-accent-tint')}>
      <button
        type="button"
        aria-pressed={pressed}
        title={`${row.reason}: ${pressed ? 'take out of the filter' : 'add to the filter'}`}
        onClick={() => onReason(row.reason)}
        className={cx(
          'ring-focus flex min-h-9 min-w-0 items-center gap-2 rounded-sm text-left text-13 hover:underline md:min-h-6',
          row.fresh && 'font-label',
        )}
      >
        <Mark name={row.policy ? 'dropped' : 'trace'} label={row.policy ? 'decided by policy' : 'other cause'} />
        <span className="truncate">{row.label}</span>
      </button>
      <div className="max-md:order-last max-md:col-span-3">
        <SeriesRow times={times} values={values} stepMs={report.stepMs} tone={row.policy ? 'drop' : 'trace'} lost={lost} />
      </div>
      <Num value={row.count} full className="num text-right" />
      <Delta now={row.count} before={row.before} comparable={report.comparable} className="num text-right" />
    </li>
  );
}
