'use client';
import { useNow } from '#components/live/use-now.ts';
import { clock, exact, humanised, relative } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { MAX_ROWS_PER_SECOND, type Flows } from './use-flows.ts';
import { ratesAt } from './stream-rate.ts';

/** The strip above the rows, always there so that nothing jumps: what is live and what of it is shown, or how many rows wait. */
export function FlowsHeadline({ flows, filtered, paused, window, onRelease }: FlowsHeadlineProps) {
  if (flows.held && flows.waitingFlows > 0) {
    return (
      <button
        type="button"
        onClick={onRelease}
        className="ring-focus flex h-9 w-full items-center justify-center gap-2 border-b border-line bg-accent-tint px-4 text-12 font-label text-accent-text md:h-7"
      >
        <span className="num">{exact(flows.waitingFlows)}</span> new{paused ? ', paused' : ', waiting while you read'}
      </button>
    );
  }
  return (
    <p className="flex h-9 items-center gap-2 border-b border-line bg-sunken px-4 text-12 text-ink-2 md:h-7">
      <Headline flows={flows} filtered={filtered} window={window} />
    </p>
  );
}
interface FlowsHeadlineProps {
  flows: Flows;
  /** Whether a filter narrows the stream. */
  filtered: boolean;
  paused: boolean;
  /** What is shown when it is not live: `13:00 to 13:05`, `capture "before the change"`. Undefined when live. */
  window: string | undefined;
  onRelease: () => void;
}

function Headline({ flows, filtered, window }: Pick<FlowsHeadlineProps, 'flows' | 'filtered' | 'window'>) {
  const now = useNow();
  const { stream, status, rows } = flows;
  if (window !== undefined)
    return <>{`${exact(rows.filter((row) => row.kind === 'flow').length)} flows shown, newest first, ${window}`}</>;
  if (stream.state === 'closed' && stream.problem) {
    return (
      <>
        <Mark name="error" />
        <span className="truncate">The stream was refused: {stream.problem.detail ?? stream.problem.title}</span>
      </>
    );
  }
  if (stream.state === 'connecting') return <>Opening the stream</>;
  if (stream.state !== 'live') {
    const newest = rows[0]?.time;
    return (
      <>
        <Mark name="stale" />
        <span className="truncate">
          <span className="font-label">Connection lost {now > 0 ? relative(stream.since, now) : clock(stream.since)}.</span>{' '}
          Trying again.
          {newest !== undefined && ` Rows below end at ${clock(newest)}.`}
        </span>
      </>
    );
  }
  if (status && status.state !== 'live') {
    return (
      <>
        <Mark name="stale" />
        <span className="truncate">
          <span className="font-label">The relay does not send since {clock(status.stateSince)}.</span> {status.stateDetail}
        </span>
      </>
    );
  }
  const { matched, sent, skipped } = ratesAt(flows.rate, Math.max(now, flows.rate.samples.at(-1)?.at ?? 0));
  const all = matched - sent < 0.5;
  return (
    <>
      <span className="truncate">
        <span className="num">{humanised(Math.round(matched * 10) / 10)}</span> flows/s{filtered && ' match'}
        {all ? ', all shown' : `, showing the newest ${humanised(Math.min(Math.round(sent), MAX_ROWS_PER_SECOND))}/s`}
        {status && filtered && `, of ${humanised(Math.round(status.flowsPerSecond))}/s in the cluster`}
      </span>
      {skipped > 0 && (
        <span className="flex items-center gap-1.5">
          <Mark name="gap" />
          {exact(skipped)} not sent to this browser in 5 s
        </span>
      )}
    </>
  );
}
