'use client';
import { parseAsBoolean, parseAsInteger, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { AttestationStatus } from '#lib/api/receipts.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { useReading } from '#components/flows/use-reading.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { ReceiptsFrame } from '../ReceiptsFrame.tsx';
import { useScrolled } from '../use-scrolled.ts';
import { WaitingRows } from '../WaitingRows.tsx';
import { BatchDrawer, LinkedBatch } from './BatchDrawer.tsx';
import { BatchesTable } from './BatchesTable.tsx';
import { HeadCard } from './HeadCard.tsx';
import { checkChain, sawWords } from './log-view.ts';
import { type Batches, useBatches } from './use-batches.ts';

const OWN = { batch: parseAsInteger, upto: parseAsInteger, gaps: parseAsBoolean.withDefault(false) };

/** The log of a cluster: its batches with what each did not see, and the head that stands for all of them. */
export function BatchesView() {
  const view = useConsole();
  const [{ batch, upto, gaps }, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const [reading, setReading] = useState(false);
  const hands = useReading(setReading);
  useScrolled(hands.scrolled);
  const batches = useBatches(view.cluster, { upto, gaps, refreshMs: view.refreshMs, reading: reading || batch !== null });
  const { page, rows, problem, staleSince } = batches;
  const chosen = rows.find(({ header }) => header.seq === batch);
  const choose = (seq: number | null) => void setOwn({ batch: seq });
  return (
    <ReceiptsFrame title="Batches and log">
      {page?.head && <HeadCard cluster={view.cluster} head={page.head} />}
      <Card
        flush
        title="Batches"
        hint="receipts sealed together, newest first"
        aside={page && <GoTo upto={upto} onGo={(seq) => void setOwn({ upto: seq, batch: null })} />}
      >
        {staleSince !== undefined && <Stale asOf={staleSince} problem={problem} />}
        {batches.loading && <SkeletonRows rows={14} label="Loading batches" />}
        {!page && problem && <Failed problem={problem} onRetry={batches.reload} />}
        {page && (rows.length > 0 || gaps) && (
          <InSight
            rows={rows}
            gaps={gaps}
            upto={upto}
            onGaps={(only) => void setOwn({ gaps: only || null })}
            onNewest={() => void setOwn({ upto: null })}
          />
        )}
        {page && rows.length === 0 && !gaps && <Nothing upto={upto} onNewest={() => void setOwn({ upto: null })} />}
        {page && (rows.length > 0 || gaps) && (
          <div className={cx((staleSince !== undefined || batches.changing) && 'stale')}>
            <WaitingRows rows={batches} />
            {rows.length > 0 && (
              <div onPointerMove={hands.pointed} onPointerLeave={hands.left}>
                <BatchesTable batches={rows} chosen={batch} onChoose={choose} />
              </div>
            )}
            <Foot batches={batches} />
          </div>
        )}
      </Card>
      {chosen && <BatchDrawer key={chosen.header.seq} batch={chosen} onChoose={choose} onClose={() => choose(null)} />}
      {batch !== null && page && !chosen && (
        <LinkedBatch key={batch} seq={batch} cluster={view.cluster} onChoose={choose} onClose={() => choose(null)} />
      )}
    </ReceiptsFrame>
  );
}

/** What those in sight come to: how many saw everything, and whether their chain holds. */
function InSight({ rows, gaps, upto, onGaps, onNewest }: InSightProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-1.5 border-b border-line px-4 py-2 text-13">
      <Segmented
        label="Which batches"
        value={gaps ? 'gaps' : 'all'}
        onChange={(value) => onGaps(value === 'gaps')}
        options={[
          { value: 'all', label: 'All' },
          {
            value: 'gaps',
            label: (
              <>
                <Mark name="gap" />
                Missed something
              </>
            ),
          },
        ]}
      />
      {!gaps && <Whole rows={rows} />}
      {upto !== null && (
        <Button size="sm" onClick={onNewest}>
          Back to the newest
        </Button>
      )}
    </div>
  );
}
interface InSightProps {
  rows: Batches['rows'];
  /** Only those that missed something are listed. */
  gaps: boolean;
  upto: number | null;
  onGaps: (only: boolean) => void;
  onNewest: () => void;
}

/** What can be said of batches none of which is left out. */
function Whole({ rows }: { rows: Batches['rows'] }) {
  const full = rows.filter(({ header }) => sawWords(header.completeness).full).length;
  const { broken } = checkChain(rows);
  return (
    <>
      <span className="inline-flex items-center gap-1.5">
        <Mark name={full === rows.length ? 'pass' : 'gap'} />
        {full === rows.length ? (
          <>Nothing is known to be missing in these {exact(rows.length)}</>
        ) : (
          <>
            {exact(full)} of these {exact(rows.length)} saw everything
          </>
        )}
      </span>
      {broken.length === 0 ? (
        <span className="inline-flex items-center gap-1.5">
          <Mark name="pass" />
          Their chain holds, computed in this browser
        </span>
      ) : (
        <span role="alert" className="inline-flex items-center gap-1.5 text-drop-text">
          <Mark name="fail" />
          The chain is broken at batch {exact(broken[0]?.seq ?? 0)}: {broken[0]?.why}
        </span>
      )}
    </>
  );
}

/** Shows the batches from one on, so that any of a long log is two steps away. */
function GoTo({ upto, onGo }: { upto: number | null; onGo: (seq: number | null) => void }) {
  const [text, setText] = useState(upto === null ? '' : String(upto));
  const seq = /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (seq !== undefined) onGo(seq);
      }}
    >
      <label className="flex items-center gap-2 text-12 text-ink-3">
        Batch
        <input
          value={text}
          onChange={({ target }) => setText(target.value)}
          inputMode="numeric"
          placeholder="number"
          maxLength={9}
          className={cx(inputClass, 'num w-24')}
        />
      </label>
      <Button type="submit" disabled={seq === undefined}>
        Go to
      </Button>
    </form>
  );
}

function Foot({ batches: { rows, loadOlder, loadingOlder, olderProblem } }: { batches: Batches }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-12 text-ink-3">
        <output>
          {rows.length === 0 ? 'None' : `${exact(rows.length)} ${rows.length === 1 ? 'batch' : 'batches'} shown`}
          {loadOlder === undefined ? ', down to the first of the log' : rows.length === 0 && ' among the newest'}
        </output>
        {loadOlder && (
          <Button size="sm" disabled={loadingOlder} onClick={loadOlder}>
            {loadingOlder ? 'Reading older batches' : rows.length === 0 ? 'Look further back' : 'Show older batches'}
          </Button>
        )}
      </div>
      {olderProblem && <Failed problem={olderProblem} onRetry={loadOlder} className="border-t border-line" />}
    </>
  );
}

function Nothing({ upto, onNewest }: { upto: number | null; onNewest: () => void }) {
  const view = useConsole();
  const { data } = useApi(`${view.api}/attestation`, AttestationStatus);
  if (upto !== null)
    return <Empty title="There is no batch to show" action={<Button onClick={onNewest}>Show the newest</Button>} />;
  const stopped = data && data.state !== 'running';
  return (
    <Empty
      title={stopped ? 'No batches can be sealed now' : 'The log of this cluster is empty'}
      action={<ButtonLink href={view.hrefOf('receipts/pipeline')}>Open the pipeline</ButtonLink>}
    >
      {stopped
        ? data.problem
        : 'Receipts are sealed in batches as flows come: the first drop, audit verdict or minute of forwarded flows makes one.'}
    </Empty>
  );
}
