'use client';
import { Filter } from 'lucide-react';
import { FlowPage } from '#lib/api/flows.ts';
import { flowOfJson } from '#lib/api/flows.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { visibleText } from '#lib/flow/text.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { ExplainSection, useExplained } from '#components/policies/why/ExplainSection.tsx';
import { observedOfFlow } from '#components/policies/why/observed.ts';
import { askedOfFlow } from '#components/policies/why/question.ts';
import { FlowReceipt } from '#components/receipts/attest/FlowReceipt.tsx';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { EndpointName } from '#components/ui/EndpointName.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { Mark, VERDICT_LOOK, VerdictText } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { clockMs, day, utcAndLocal } from '#components/ui/format.ts';
import { cx } from '#components/ui/cx.ts';
import { cellsOf } from './flow-cells.ts';
import { type Fact, type FactGroup, factGroups } from './flow-facts.ts';
import { type WhyPoint, whyOf } from './flow-why.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';

/** One flow with all it says. A link to it survives a reload: then the flow is asked for by its id. */
export function FlowDrawer({ uuid, flow, view, flowsUrl, mayAttest, mapHref, pairHref, onFilter, onClose }: FlowDrawerProps) {
  // A row of the table may lack labels (the stream is masked): the flow is asked for by id in any case, the row stands in meanwhile.
  const asked = useApi(
    uuid.startsWith('content:')
      ? null
      : `${flowsUrl}${flowsUrl.includes('?') ? '&' : '?'}limit=1&filter=${encodeURIComponent(`uuid:${quoted(uuid)}`)}`,
    FlowPage,
  );
  const answer = asked.changing ? undefined : asked.data?.flows.find((candidate) => candidate.uuid === uuid);
  const shown = answer ? flowOfJson(answer) : flow;
  if (!shown) {
    return (
      <Drawer kind="Flow" title="Flow" onClose={onClose} wide>
        {asked.error ? (
          <Failed problem={asked.error} onRetry={asked.reload} />
        ) : asked.loading || asked.changing ? (
          <SkeletonRows rows={14} />
        ) : (
          <Empty title="This flow is no longer held">
            The console keeps the newest flows of a cluster in memory; this one is older. A capture keeps flows for good.
          </Empty>
        )}
      </Drawer>
    );
  }
  return (
    <Drawer
      kind={
        <time dateTime={new Date(shown.time).toISOString()} title={utcAndLocal(shown.time)}>
          Flow, {day(shown.time)} {clockMs(shown.time)} UTC
        </time>
      }
      title={<Title flow={shown} />}
      chips={<Chips flow={shown} />}
      onClose={onClose}
      wide
      footer={
        <>
          <ButtonLink look="primary" href={mapHref(shown)}>
            Show on map
          </ButtonLink>
          <ButtonLink href={pairHref(shown)} scroll={false}>
            Flows of this pair
          </ButtonLink>
        </>
      }
    >
      <WhySection flow={shown} />
      <Policies flow={shown} view={view} />
      {shown.uuid !== '' && view.capture === null && (
        <FlowReceipt key={shown.uuid} uuid={shown.uuid} verdict={shown.verdict} mayAttest={mayAttest} />
      )}
      {factGroups(shown).map((group) => (
        <Facts key={group.title} group={group} onFilter={onFilter} />
      ))}
      <Labels flow={shown} loading={asked.loading} />
      <RawJson flow={shown} />
    </Drawer>
  );
}
interface FlowDrawerProps {
  uuid: string;
  /** The row that was clicked, while it is in the table. */
  flow: Flow | undefined;
  view: Console;
  /** The flows of the cluster or of the open capture. */
  flowsUrl: string;
  /** Whether whoever looks may ask for a receipt. */
  mayAttest: boolean;
  mapHref: (flow: Flow) => string;
  pairHref: (flow: Flow) => string;
  /** Adds a term to the filter. */
  onFilter: (key: string, value: string) => void;
  onClose: () => void;
}

function Title({ flow }: { flow: Flow }) {
  const { source, destination } = cellsOf(flow);
  return (
    <span className="flex flex-wrap items-center gap-x-2 text-13">
      <EndpointName namespace={source.namespace} name={source.name} className="text-13" />
      <span aria-hidden="true" className="font-mono text-ink-3">
        →
      </span>
      <span className="sr-only">to</span>
      <EndpointName namespace={destination.namespace} name={destination.name} className="text-13" />
    </span>
  );
}

const TONES = { fwd: 'fwd', drop: 'drop', audit: 'audit', redir: 'redir', error: 'error', trace: 'neutral' } as const;

function Chips({ flow }: { flow: Flow }) {
  const { port, direction } = cellsOf(flow);
  return (
    <>
      <Chip tone={TONES[VERDICT_LOOK[flow.verdict].role]}>
        <VerdictText verdict={flow.verdict} />
      </Chip>
      {port !== '' && <Chip className="font-mono">{port}</Chip>}
      {direction !== '' && <Chip>{direction}</Chip>}
      {flow.isReply === true && <Chip>reply</Chip>}
    </>
  );
}

function WhySection({ flow }: { flow: Flow }) {
  const why = whyOf(flow);
  return (
    <DrawerSection title="Verdict and why">
      <p className="text-13">{why.headline}</p>
      {why.points.length > 0 && (
        <ul className="mt-2 flex flex-col gap-2">
          {why.points.map((point) => (
            <Point key={`${point.text} ${point.policy ?? ''}`} point={point} />
          ))}
        </ul>
      )}
    </DrawerSection>
  );
}

/** What the engine says of it: of all that a policy can decide, and not of drops with another cause. */
function Policies({ flow, view }: { flow: Flow; view: Console }) {
  const otherCause = flow.verdict === 'DROPPED' && dropCauseOf(dropReasonOf(flow)).decidedBy !== 'policy';
  const socket = flow.verdict === 'TRACED' || flow.verdict === 'TRANSLATED';
  const asked = otherCause || socket ? undefined : askedOfFlow(flow);
  const explained = useExplained(view, asked);
  if (asked === undefined) return null;
  return <ExplainSection explained={explained} view={view} observed={observedOfFlow(flow)} />;
}

const POINT_MARKS = { allowed: 'pass', denied: 'fail', audited: 'audit', note: 'trace' } as const;

export function Point({ point }: { point: WhyPoint }) {
  return (
    <li className="flex gap-2.5">
      <Mark name={POINT_MARKS[point.tone]} className="mt-1" />
      <span className="min-w-0 text-13">
        <span>{point.text}</span>
        {point.policy !== undefined && <span className="font-mono text-12 wrap-anywhere"> {visibleText(point.policy)}</span>}
        {point.detail !== undefined && <span className="block text-12 text-ink-3">{point.detail}</span>}
      </span>
    </li>
  );
}

function Facts({ group, onFilter }: { group: FactGroup; onFilter: (key: string, value: string) => void }) {
  return (
    <DrawerSection title={group.title}>
      <dl className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 gap-y-1 text-12">
        {group.facts.map((fact) => (
          <FactLine key={fact.label} fact={fact} onFilter={onFilter} />
        ))}
      </dl>
    </DrawerSection>
  );
}

function FactLine({ fact, onFilter }: { fact: Fact; onFilter: (key: string, value: string) => void }) {
  const { label, value, mono, filter } = fact;
  return (
    <>
      <dt className="truncate py-1 text-ink-3" title={label}>
        {visibleText(label)}
      </dt>
      <dd className="group flex min-w-0 items-start gap-1">
        <span className={cx('min-w-0 py-1 wrap-anywhere', mono && 'font-mono')}>{visibleText(value)}</span>
        {filter && (
          <button
            type="button"
            aria-label={`Filter by ${label.toLowerCase()} ${value}`}
            title={`${filter.key}:${filter.value}`}
            onClick={() => onFilter(filter.key, filter.value)}
            className="ring-focus inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-3 opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 max-md:opacity-100"
          >
            <Filter size={12} aria-hidden="true" />
          </button>
        )}
      </dd>
    </>
  );
}

function Labels({ flow, loading }: { flow: Flow; loading: boolean }) {
  const sides = [
    ['Source', flow.source.labels],
    ['Destination', flow.destination.labels],
  ] as const;
  return (
    <DrawerSection title="Labels">
      {sides.map(([side, labels]) => (
        <div key={side} className="mb-2 last:mb-0">
          <h4 className="mb-1 text-12 text-ink-3">{side}</h4>
          {labels.length === 0 ? (
            <p className="text-12 text-ink-3">{loading ? 'Asking for them' : 'None known for this identity'}</p>
          ) : (
            <ul className="flex flex-wrap gap-1">
              {labels.map((label) => (
                <li
                  key={label}
                  className="max-w-full rounded-sm bg-hover px-1.5 py-0.5 font-mono text-12 wrap-anywhere text-ink-2"
                >
                  {visibleText(label)}
                </li>
              ))}
            </ul>
          )}
        </div>
      ))}
    </DrawerSection>
  );
}

function RawJson({ flow }: { flow: Flow }) {
  const json = JSON.stringify(flow, null, 2);
  return (
    <details className="border-b border-line px-4 py-3">
      <summary className="ring-focus min-h-6 rounded-sm text-14 font-title">Raw JSON</summary>
      <div className="mt-2">
        <CopyButton size="sm" text={json} label="Copy as JSON">
          Copy
        </CopyButton>
      </div>
      <pre
        className="mt-2 max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-12 text-ink-2"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
        tabIndex={0}
      >
        {visibleText(json)}
      </pre>
    </details>
  );
}
