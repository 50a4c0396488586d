'use client';
import { AttestationStatus, KeyList } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { AreaSeries } from '#components/charts/AreaSeries.tsx';
import { Sparkline } from '#components/charts/Sparkline.tsx';
import { type ApiState, useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { useNow } from '#components/live/use-now.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Failed, Stale } from '#components/ui/Faces.tsx';
import { Figure, FigureRow, FigureRowSkeleton } from '#components/ui/Figure.tsx';
import { duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Unknown } from '#components/ui/Num.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { CLASS_WORDS } from '../receipt-words.ts';
import { ReceiptsFrame } from '../ReceiptsFrame.tsx';
import { KeysCard } from './KeysCard.tsx';
import { NatsCard } from './NatsCard.tsx';
import { hourSeries, type HourSeries, newestP99, TARGET_MS } from './pipeline-view.ts';
import { Stages } from './Stages.tsx';

const REFRESH_MS = 5000;
const KEYS_REFRESH_MS = 30_000;

/** How the way from flow to witnessed head is doing, on one screen. */
export function PipelineView() {
  const view = useConsole();
  const status = useApi(`${view.api}/attestation`, AttestationStatus, { refreshMs: view.paused ? 0 : REFRESH_MS });
  const keys = useApi(`/api/v1/keys?cluster=${encodeURIComponent(view.cluster)}`, KeyList, {
    refreshMs: view.paused ? 0 : KEYS_REFRESH_MS,
  });
  const { data, error, staleSince, reload } = status;
  return (
    <ReceiptsFrame title="Pipeline" actions={data?.state === 'running' && <AllWell />}>
      {staleSince !== undefined && <Stale asOf={staleSince} problem={error} />}
      {!data && error && (
        <Card flush title="Pipeline">
          <Failed problem={error} onRetry={reload} />
        </Card>
      )}
      {status.loading && (
        <>
          <FigureRowSkeleton />
          <Card flush title="From flow to witness">
            <SkeletonRows rows={5} label="Loading the pipeline" />
          </Card>
        </>
      )}
      {data && (
        <div className={cx('flex flex-col gap-3', staleSince !== undefined && 'stale')}>
          {data.state !== 'running' && <Trouble state={data.state} problem={data.problem} />}
          <Pipeline status={data} keys={keys} />
        </div>
      )}
    </ReceiptsFrame>
  );
}

function Pipeline({ status, keys }: { status: AttestationStatus; keys: ApiState<KeyList> }) {
  const now = useNow();
  const hour = hourSeries(status.series, now === 0 ? (status.series.at(-1)?.at ?? 0) : now);
  return (
    <>
      <Figures status={status} hour={hour} />
      <Stages stages={status.stages} />
      {now > 0 && status.series.length > 0 && <Charts hour={hour} />}
      <div className="grid gap-3 lg:grid-cols-2">
        <KeysCard keys={keys} />
        <NatsCard nats={status.nats} />
      </div>
    </>
  );
}

const AllWell = () => (
  <output className="flex items-baseline gap-1.5 text-13 text-ink-2">
    <Mark name="pass" className="translate-y-0.5" />
    Receipts are made, signed and stored
  </output>
);

/** What is wrong stands before every figure. */
function Trouble({ state, problem }: Pick<AttestationStatus, 'state' | 'problem'>) {
  const view = useConsole();
  return (
    <div
      role="alert"
      className={cx(
        'flex flex-wrap items-baseline gap-x-3 gap-y-2 rounded-md border px-4 py-3 text-13',
        state === 'off' ? 'border-line-strong bg-surface' : 'border-drop-text bg-drop-tint',
      )}
    >
      <Mark name={state === 'off' ? 'trace' : 'fail'} className="translate-y-0.5" />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className="font-title">{state === 'off' ? 'No receipts are made' : 'The pipeline fails'}</span>{' '}
        {visibleText(problem)}
      </span>
      <ButtonLink size="sm" href={view.hrefOf('receipts/keys')}>
        Open keys
      </ButtonLink>
    </div>
  );
}

function Figures({ status, hour }: { status: AttestationStatus; hour: HourSeries }) {
  const { receipts, lastBatch, lastCheckpoint } = status;
  const p99 = newestP99(hour);
  const classes = Object.entries(receipts.byClass)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, count]) => `${exact(count)} ${CLASS_WORDS[name as keyof typeof CLASS_WORDS].name}`);
  const known = hour.p99.filter((value) => Number.isFinite(value));
  return (
    <FigureRow label="Receipts now">
      <Figure
        name="Receipts"
        value={<Num value={receipts.total} />}
        unit="last hour"
        note={classes.join(', ') || 'none of any class'}
      />
      <Figure
        name={
          <>
            Observed to stored
            {p99 !== undefined && <Mark name={p99 > TARGET_MS ? 'stale' : 'pass'} label={p99 > TARGET_MS ? 'late' : 'in time'} />}
          </>
        }
        value={p99 === undefined ? <Unknown why="no receipt was stored in the last hour" /> : milliseconds(p99)}
        unit="p99"
        note={`of the newest minute; at most ${milliseconds(TARGET_MS)} wanted`}
        chart={<Sparkline label="p99 by minute, milliseconds" values={known} />}
      />
      <Figure
        name="Newest batch"
        value={lastBatch ? exact(lastBatch.seq) : <Unknown why="no batch was sealed yet" />}
        unit={lastBatch && <Time at={lastBatch.at} />}
        note={lastBatch ? `${exact(lastBatch.leaves)} ${lastBatch.leaves === 1 ? 'receipt' : 'receipts'} in it` : 'none yet'}
      />
      <Figure
        name="Signed head"
        value={lastCheckpoint ? exact(lastCheckpoint.size) : <Unknown why="no head was signed yet" />}
        unit={lastCheckpoint && (lastCheckpoint.size === 1 ? 'batch' : 'batches')}
        note={
          lastCheckpoint ? (
            <>
              <Time at={lastCheckpoint.at} />, {seenBy(lastCheckpoint.witnesses)}
            </>
          ) : (
            'none yet'
          )
        }
      />
    </FigureRow>
  );
}

const seenBy = (witnesses: number): string =>
  witnesses === 0 ? 'seen by no witness' : `seen by ${exact(witnesses)} ${witnesses === 1 ? 'witness' : 'witnesses'}`;

/** `412 ms`, and from ten seconds on as any other time. */
const milliseconds = (ms: number): string => (ms < 10_000 ? `${exact(Math.round(ms))}\u00a0ms` : duration(ms));

function Charts({ hour }: { hour: HourSeries }) {
  const hasGaps = hour.gaps.some((count) => count > 0);
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Card title="Receipts stored" hint="a minute, last hour">
        <AreaSeries
          title="Receipts stored"
          unit="a minute"
          times={hour.times}
          stepMs={60_000}
          series={[{ name: 'receipts', values: hour.receipts, tone: 'trace', kind: 'bars' }]}
          height={112}
          {...(hasGaps && { lost: hour.gaps })}
        />
        {hasGaps && (
          <p className="mt-1 text-12 text-ink-3">Hatched: a batch of that minute tells of a gap, so flows may be missing.</p>
        )}
      </Card>
      <Card title="Observed to stored" hint="milliseconds, by minute">
        <AreaSeries
          title="Observed to stored"
          unit="milliseconds"
          times={hour.times}
          stepMs={60_000}
          series={[
            { name: 'p99', values: hour.p99, tone: 'trace', kind: 'line' },
            { name: 'p50', values: hour.p50, tone: 'trace', kind: 'inner' },
          ]}
          threshold={{ value: TARGET_MS, label: `${exact(TARGET_MS)} ms wanted of p99` }}
          height={112}
        />
      </Card>
    </div>
  );
}
