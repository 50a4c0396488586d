'use client';
import { FileCheck } from 'lucide-react';
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { AttestationStatus } from '#lib/api/receipts.ts';
import { rangeWords, windowQuery } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { useSettled } from '#components/live/use-settled.ts';
import { useReading } from '#components/flows/use-reading.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { clock, day, exact } from '#components/ui/format.ts';
import { VerdictMark } from '#components/ui/Mark.tsx';
import { SearchBox, inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { ReceiptsFrame } from '../ReceiptsFrame.tsx';
import { useScrolled } from '../use-scrolled.ts';
import { WaitingRows } from '../WaitingRows.tsx';
import { CLASS_WORDS } from '../receipt-words.ts';
import { isFiltered, isTimeless, type ReceiptFilter, receiptsQuery, SHOWN_CLASSES, SHOWN_VERDICTS } from './receipts-view.ts';
import { ReceiptsTable } from './ReceiptsTable.tsx';
import { type Receipts, useReceipts } from './use-receipts.ts';

const OWN = {
  q: parseAsString.withDefault(''),
  class: parseAsStringLiteral(SHOWN_CLASSES).withDefault('all'),
  verdict: parseAsStringLiteral(SHOWN_VERDICTS).withDefault('all'),
  batch: parseAsInteger,
};
const NOTHING = { q: null, class: null, verdict: null, batch: null };

/** A question waits so long for the next key. */
const SETTLES_MS = 250;

/** The receipts of a cluster: what was recorded, and how far each has come on its way to a witness. */
export function ReceiptsView() {
  const view = useConsole();
  const [filter, setFilter] = useQueryStates(OWN, { history: 'replace' });
  const [reading, setReading] = useState(false);
  const hands = useReading(setReading);
  useScrolled(hands.scrolled);
  const query = useSettled(receiptsQuery(view.cluster, filter, windowQuery(view.window)).toString(), SETTLES_MS);
  const receipts = useReceipts(query, { refreshMs: view.refreshMs, reading });
  const { page, rows, problem, staleSince, changing } = receipts;
  const showAll = () => void setFilter(NOTHING);
  return (
    <ReceiptsFrame
      title="Receipts"
      actions={
        <ButtonLink href="/receipts/verify">
          <FileCheck size={14} aria-hidden="true" />
          Verify a file
        </ButtonLink>
      }
    >
      <Card flush title="Receipts" hint={windowWords(view, filter)} aside={page && <Total receipts={receipts} />}>
        <Filters filter={filter} onChange={(change) => void setFilter(change)} />
        {staleSince !== undefined && <Stale asOf={staleSince} problem={problem} className="border-t border-line" />}
        {receipts.loading && <SkeletonRows rows={14} label="Loading receipts" />}
        {!page && problem && <Failed problem={problem} onRetry={receipts.reload} className="border-t border-line" />}
        {page && rows.length === 0 && receipts.loadOlder === undefined && (
          <div className="border-t border-line">
            <Nothing filter={filter} onAll={showAll} />
          </div>
        )}
        {page && (rows.length > 0 || receipts.loadOlder !== undefined) && (
          <div className={cx('border-t border-line', (staleSince !== undefined || changing) && 'stale')}>
            <WaitingRows rows={receipts} />
            <div onPointerMove={hands.pointed} onPointerLeave={hands.left}>
              <ReceiptsTable receipts={rows} />
            </div>
            <Foot receipts={receipts} />
          </div>
        )}
      </Card>
    </ReceiptsFrame>
  );
}

type Filter = Partial<{ [K in keyof ReceiptFilter]: ReceiptFilter[K] | null }>;

function Filters({ filter, onChange }: { filter: ReceiptFilter; onChange: (change: Filter) => void }) {
  return (
    <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
      <SearchBox
        label="Find a receipt"
        value={filter.q}
        onChange={(q) => onChange({ q: q || null })}
        placeholder="workload, pod, policy, reason, id"
        className="w-72 max-md:w-full"
        maxLength={200}
      />
      <select
        aria-label="Class"
        value={filter.class}
        onChange={({ target }) => onChange({ class: SHOWN_CLASSES.find((value) => value === target.value) ?? 'all' })}
        className={cx(inputClass, 'pr-8')}
      >
        {SHOWN_CLASSES.map((value) => (
          <option key={value} value={value}>
            {value === 'all' ? 'all classes' : CLASS_WORDS[value].name}
          </option>
        ))}
      </select>
      <Segmented
        label="Verdict"
        value={filter.verdict}
        onChange={(verdict) => onChange({ verdict })}
        className="max-w-full overflow-x-auto"
        options={SHOWN_VERDICTS.map((value) => ({
          value,
          label:
            value === 'all' ? (
              'All'
            ) : (
              <>
                <VerdictMark verdict={value} bare />
                {value}
              </>
            ),
        }))}
      />
      {filter.batch !== null && (
        <Chip tone="accent">
          batch {exact(filter.batch)}
          <button
            type="button"
            aria-label="Do not narrow to this batch"
            onClick={() => onChange({ batch: null })}
            className="ring-focus inline-flex size-6 items-center justify-center rounded-sm"
          >
            <span aria-hidden="true">×</span>
          </button>
        </Chip>
      )}
    </div>
  );
}

function Total({ receipts: { page } }: { receipts: Receipts }) {
  if (!page) return null;
  return (
    <output>
      {page.atLeast && 'more than '}
      {exact(page.total)} {page.total === 1 ? 'receipt' : 'receipts'}
    </output>
  );
}

function Foot({ receipts }: { receipts: Receipts }) {
  const { rows, loadOlder, loadingOlder, olderProblem } = receipts;
  return (
    <>
      <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-12 text-ink-3">
        <output>
          {rows.length === 0 ? 'None among the newest. ' : `${exact(rows.length)} shown`}
          {loadOlder === undefined && rows.length > 0 && ', all there are'}
        </output>
        {loadOlder && (
          <Button size="sm" disabled={loadingOlder} onClick={loadOlder}>
            {loadingOlder ? 'Reading older receipts' : rows.length === 0 ? 'Look further back' : 'Show older receipts'}
          </Button>
        )}
      </div>
      {olderProblem && <Failed problem={olderProblem} onRetry={loadOlder} className="border-t border-line" />}
    </>
  );
}

/** Why there is nothing: a filter, a short time, or a pipeline that does not run. */
function Nothing({ filter, onAll }: { filter: ReceiptFilter; onAll: () => void }) {
  const view = useConsole();
  const { data } = useApi(`${view.api}/attestation`, AttestationStatus);
  if (isFiltered(filter))
    return (
      <Empty title="No receipt matches" action={<Button onClick={onAll}>Show all receipts</Button>}>
        {isTimeless(filter)
          ? 'None of this cluster has it. Forwarded flows have no receipt each: one a minute counts those of a kind, with up to three of their ids.'
          : `None ${windowWords(view, filter)}.`}
      </Empty>
    );
  if (data && data.state !== 'running')
    return (
      <Empty
        title={data.state === 'off' ? 'No receipts are written for this cluster' : 'Receipts cannot be written now'}
        action={<ButtonLink href={view.hrefOf('receipts/pipeline')}>Open the pipeline</ButtonLink>}
      >
        {data.problem}
      </Empty>
    );
  return (
    <Empty
      title={`No receipts ${windowWords(view, filter)}`}
      action={view.past ? <Button onClick={() => void view.backToLive()}>Back to live</Button> : undefined}
    >
      Every drop, audit verdict, error and finding leaves one at once; forwarded flows leave one for each kind and minute.
    </Empty>
  );
}

/** `in the last 5 min`, `2 Mar 14:00 to 15:00`: the time asked about. */
function windowWords({ range, from, to }: ReturnType<typeof useConsole>, filter: ReceiptFilter): string {
  if (isTimeless(filter)) return 'of all time';
  if (from === null) return `in the last ${rangeWords(range)}`;
  return `observed ${day(from)} ${clock(from)} to ${to === null ? 'now' : `${day(to)} ${clock(to)} UTC`}`;
}
