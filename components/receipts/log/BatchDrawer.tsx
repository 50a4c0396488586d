'use client';
import type { ReactNode } from 'react';
import { BatchList, type BatchSummary } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { MOST_SKEW_MS } from '#lib/receipts/rules/r5-observation-gap.ts';
import { timeOfMoment } from '#lib/receipts/moment.ts';
import { headerHashOf } from '#lib/receipts/seal.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { ButtonLink } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { duration, exact, utc } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { CLASS_WORDS, STANDING_WORDS } from '../receipt-words.ts';
import { countsOf, gapReason, sawWords } from './log-view.ts';
import { batchesUrl } from './use-batches.ts';

/** One batch: what it did not see, what it holds, and its place in the log. */
export function BatchDrawer({ batch, onChoose, onClose }: BatchDrawerProps) {
  const view = useConsole();
  const { header, sealedAt, standing } = batch;
  const { name, mark, why } = STANDING_WORDS[standing];
  return (
    <Drawer
      kind="Batch"
      title={exact(header.seq)}
      chips={
        <>
          <span className="inline-flex items-center gap-1.5 text-ink-2" title={why}>
            <Mark name={mark} />
            {name}
          </span>
          <span>
            sealed <Time at={sealedAt} />
          </span>
        </>
      }
      onClose={onClose}
      footer={
        <ButtonLink look="primary" href={view.hrefOf('receipts', { batch: String(header.seq) })}>
          {header.leaf_count === 1 ? 'Show its receipt' : `Show its ${exact(header.leaf_count)} receipts`}
        </ButtonLink>
      }
    >
      <Seen completeness={header.completeness} />
      <DrawerSection title="Receipts">
        <ul className="flex flex-col gap-1 text-13">
          {countsOf(header).map(({ class: each, count }) => (
            <li key={each} className="flex justify-between gap-3">
              <span title={CLASS_WORDS[each].why}>{CLASS_WORDS[each].name}</span>
              <span className="num">{exact(count)}</span>
            </li>
          ))}
        </ul>
      </DrawerSection>
      <KeyEvents events={header.key_events ?? []} />
      <DrawerSection title="In the log">
        <p className="mb-3 text-13 text-ink-2">{standingWords(batch)}</p>
        <Facts>
          <Fact name="Window">
            {utc(timeOfMoment(header.window_start))},{' '}
            {duration(timeOfMoment(header.window_end) - timeOfMoment(header.window_start))}
          </Fact>
          <Fact name="Header hash">
            <Hash hash={batch.headerHash} label="header hash" />
            <HashCheck batch={batch} />
          </Fact>
          <Fact name="Follows">
            {header.seq === 0 ? (
              'it is the first of the log'
            ) : (
              <>
                <button
                  type="button"
                  onClick={() => onChoose(header.seq - 1)}
                  className="ring-focus num min-h-6 rounded-sm text-accent-text hover:underline"
                >
                  batch {exact(header.seq - 1)}
                </button>
                <Hash hash={header.prev_header_hash} label="hash of the header before" />
              </>
            )}
          </Fact>
          <Fact name="Root">
            <Hash hash={header.merkle_root} label="root of the batch" />
          </Fact>
          <Fact name="Signed by">
            <Hash hash={header.kid} label="key id" />
          </Fact>
          {header.policy_set_hash !== undefined && (
            <Fact name="Policy set">
              <Hash hash={header.policy_set_hash} label="hash of the policy set" />
            </Fact>
          )}
          {header.audit_head && (
            <Fact name="Audit log">
              event {header.audit_head.seq}
              <Hash hash={header.audit_head.hash} label="hash of that event" />
            </Fact>
          )}
          <Fact name="Batch id">
            <Hash hash={header.batch_id} label="batch id" />
          </Fact>
        </Facts>
      </DrawerSection>
    </Drawer>
  );
}
interface BatchDrawerProps {
  batch: BatchSummary;
  onChoose: (seq: number) => void;
  onClose: () => void;
}

/** What was not seen, before anything that was: the receipts of this batch stand, and their neighbours may be missing. */
function Seen({ completeness }: { completeness: BatchSummary['header']['completeness'] }) {
  const {
    nodes_connected: connected,
    nodes_expected: expected,
    lost_events,
    stream_gaps,
    clock_skew_ms_max: skew,
  } = completeness;
  const saw = sawWords(completeness);
  return (
    <DrawerSection title="What it saw" {...(!saw.full && { tone: 'advice' as const })}>
      <p className="flex items-baseline gap-2 text-13">
        <Mark name={saw.mark} className="translate-y-0.5" />
        <span>
          {saw.full
            ? 'All that was expected: no node was away, no event is known to be lost.'
            : 'Not everything: its receipts stand, others may be missing beside them.'}
        </span>
      </p>
      <Facts className="mt-3">
        <Fact name="Nodes">
          {exact(connected)} of {exact(expected)} reported
        </Fact>
        <Fact name="Events lost">
          {lost_events.length === 0 && 'none known; what reports losses reports some of them only'}
          {lost_events.length > 0 && (
            <Table caption="Events lost, by node and source">
              <thead>
                <tr>
                  <Th className="pl-0!">Node</Th>
                  <Th>Where</Th>
                  <Th number>At least</Th>
                </tr>
              </thead>
              <tbody>
                {lost_events.map(({ node, source, count }) => (
                  <Tr key={`${node} ${source}`}>
                    <Td className="pl-0! font-mono text-12 wrap-anywhere">{visibleText(node)}</Td>
                    <Td className="font-mono text-12 wrap-anywhere">{visibleText(source)}</Td>
                    <Td number>{BigInt(count).toLocaleString('en-US')}</Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          )}
        </Fact>
        <Fact name="Gaps">
          {stream_gaps.length === 0 && 'none'}
          {stream_gaps.map(({ from, to, reason }) => (
            <span key={`${from} ${reason}`} className="block">
              {utc(timeOfMoment(from))}, {duration(timeOfMoment(to) - timeOfMoment(from))}: {gapReason(reason)}
            </span>
          ))}
        </Fact>
        <Fact name="Clocks">
          at most {exact(skew)} ms apart{skew > MOST_SKEW_MS && ': times of two nodes do not compare'}
        </Fact>
      </Facts>
    </DrawerSection>
  );
}

const EVENT_WORDS = {
  introduced: 'is introduced',
  activated: 'signs from here on',
  retired: 'signs no more',
  compromised: 'is in other hands',
} as const;

function KeyEvents({ events }: { events: NonNullable<BatchSummary['header']['key_events']> }) {
  if (events.length === 0) return null;
  return (
    <DrawerSection title="Changes of keys">
      <ul className="flex flex-col gap-2 text-13">
        {events.map(({ event, role, kid, at, compromised_at }) => (
          <li key={`${event} ${kid}`}>
            The {role} key {EVENT_WORDS[event]}
            {compromised_at !== undefined && ` since ${utc(timeOfMoment(compromised_at))}`}, {utc(timeOfMoment(at))}
            <Hash hash={kid} label="key id" />
          </li>
        ))}
      </ul>
    </DrawerSection>
  );
}

function standingWords({ standing, header: { seq } }: BatchSummary): string {
  const { why } = STANDING_WORDS[standing];
  return standing === 'sealed' ? `Entry ${exact(seq)}. It is ${why}.` : `Entry ${exact(seq)}: ${why}.`;
}

/** The header, hashed here: what the console says of it is not taken on trust. */
function HashCheck({ batch: { header, headerHash } }: { batch: BatchSummary }) {
  const good = headerHashOf(header) === headerHash;
  return (
    <span className="mt-1 flex items-center gap-1.5 text-12 text-ink-2">
      <Mark name={good ? 'pass' : 'fail'} />
      {good ? 'computed in this browser from the header' : 'the header makes another hash'}
    </span>
  );
}

const Facts = ({ children, className }: { children: ReactNode; className?: string }) => (
  <dl className={`grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-13 ${className ?? ''}`}>{children}</dl>
);

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-3">{name}</dt>
    <dd className="min-w-0 wrap-anywhere">{children}</dd>
  </>
);

const Hash = ({ hash, label }: { hash: string; label: string }) => (
  <span className="flex items-start gap-1">
    <code className="min-w-0 font-mono text-12 break-all">{visibleText(hash)}</code>
    <CopyButton look="quiet" size="icon" text={hash} label={`Copy the ${label}`} />
  </span>
);

/** The batch that is linked to is not among those shown: it is read alone. */
export function LinkedBatch({ seq, cluster, onChoose, onClose }: LinkedBatchProps) {
  const { data, error, reload } = useApi(batchesUrl(cluster, { before: seq + 1, limit: 1 }), BatchList);
  const batch = data?.batches.find(({ header }) => header.seq === seq);
  if (batch) return <BatchDrawer batch={batch} onChoose={onChoose} onClose={onClose} />;
  const newest = data?.batches[0]?.header.seq;
  return (
    <Drawer kind="Batch" title={exact(seq)} onClose={onClose}>
      {data ? (
        <Empty title="There is no batch with this number">
          {newest === undefined ? 'The log is empty.' : `The newest is batch ${exact(newest)}.`}
        </Empty>
      ) : error ? (
        <Failed problem={error} onRetry={reload} />
      ) : (
        <SkeletonRows rows={8} label="Loading the batch" />
      )}
    </Drawer>
  );
}
interface LinkedBatchProps {
  seq: number;
  cluster: string;
  onChoose: (seq: number) => void;
  onClose: () => void;
}
