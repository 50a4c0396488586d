'use client';
import Link from 'next/link';
import type { DropPair, DropsReport } from '#lib/api/drops.ts';
import { FlowPage, flowOfJson } from '#lib/api/flows.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { quoted } from '#lib/flow/filter-tokens.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Terminal } from 'lucide-react';
import { SeriesRow, TimeAxis } from '#components/charts/SeriesRow.tsx';
import { Point } from '#components/flows/FlowDrawer.tsx';
import { cellsOf } from '#components/flows/flow-cells.ts';
import { flowPairFilter, pairFilter, termText } from '#components/flows/peer-terms.ts';
import { commandOf } from '#components/flows/command.ts';
import { useApi } from '#components/live/use-api.ts';
import { ExplainSection, useExplained } from '#components/policies/why/ExplainSection.tsx';
import { yamlOfNearest } from '#components/policies/why/NearestChange.tsx';
import { observedDrop } from '#components/policies/why/observed.ts';
import { askedOfFlow, askedOfNames } from '#components/policies/why/question.ts';
import { tryHref } from '#components/policies/why/try-link.ts';
import type { Console } from '#components/live/use-console.ts';
import { PairReceipts } from '#components/receipts/attest/PairReceipts.tsx';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { PairName } from '#components/ui/EndpointName.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark, VerdictMark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { ClockTime, Time } from '#components/ui/Time.tsx';
import { clock, clockMs, duration, exact, percent, utcAndLocal } from '#components/ui/format.ts';
import { portOf } from './DropLists.tsx';
import { shortNode, stepText } from './drops-view.ts';
import { adviceFor, whyPair } from './pair-why.ts';

/** A dropped pair explained: what Hubble reported, what it means, what to weigh before it is allowed, and the flows behind the count. */
export function PairDrawer({ pair, report, view, window, mayAttest, onClose }: PairDrawerProps) {
  const cause = dropCauseOf(pair.reason);
  const policy = cause.decidedBy === 'policy';
  const advice = adviceFor(pair, clock);
  // The example says whether an end is a pod of no controller, which a filter has to name as a pod.
  const example = useApi(
    pair.exampleUuid === '' ? null : flowsUrl(view, { filter: `uuid:${quoted(pair.exampleUuid)}`, limit: '1' }),
    FlowPage,
  );
  const [shown] = example.changing ? [] : (example.data?.flows ?? []);
  const filter = shown
    ? flowPairFilter(flowOfJson(shown), pair.port)
    : pairFilter(pair.source, pair.destination, pair.protocol, pair.port);
  const dropped = `${filter} verdict:DROPPED ${termText('reason', pair.reason)}`;
  // What no policy decided is no question to the policies.
  const asked =
    (shown && askedOfFlow(flowOfJson(shown))) ?? askedOfNames(pair.source, pair.destination, pair.protocol, pair.port);
  const waits = pair.exampleUuid !== '' && (example.loading || example.changing);
  const explained = useExplained(view, policy && !waits ? asked : undefined, waits);
  const nearest = explained.answer.changing ? [] : (explained.answer.data?.nearest ?? []);
  return (
    <Drawer
      kind="Dropped pair"
      wide
      title={<PairName source={visibleText(pair.source)} destination={visibleText(pair.destination)} />}
      chips={
        <>
          <Chip tone={policy ? 'drop' : 'neutral'}>
            <Mark name={policy ? 'dropped' : 'trace'} />
            <span className="font-mono">{pair.reason}</span>
          </Chip>
          <Chip className="font-mono">{portOf(pair)}</Chip>
          {pair.direction !== 'TRAFFIC_DIRECTION_UNKNOWN' && <Chip>{pair.direction.toLowerCase()}</Chip>}
          <span>
            {exact(pair.count)} since <ClockTime at={Math.max(pair.firstSeen, report.from)} />
          </span>
        </>
      }
      onClose={onClose}
      footer={
        <>
          {asked && nearest.length > 0 && (
            <>
              <ButtonLink look="primary" href={tryHref(view, asked)}>
                Try in what-if
              </ButtonLink>
              <CopyButton text={() => yamlOfNearest(nearest)} label="Copy the change as YAML">
                Copy YAML
              </CopyButton>
            </>
          )}
          <ButtonLink look={nearest.length > 0 ? 'plain' : 'primary'} href={view.hrefOf('flows', { filter: dropped })}>
            Open in Flows
          </ButtonLink>
          <CopyButton
            text={commandOf(dropped) ?? dropped}
            label="Copy as hubble observe command"
            icon={<Terminal size={14} aria-hidden="true" />}
          >
            Copy command
          </CopyButton>
          <ButtonLink
            look="quiet"
            className="ml-auto"
            href={view.hrefOf('map', {
              level: 'workload',
              selected: `${pair.source}->${pair.destination}:${pair.protocol}/${pair.port}`,
            })}
          >
            Show on map
          </ButtonLink>
        </>
      }
    >
      <DrawerSection title="Why" aside="as Hubble reported it">
        <ul className="flex flex-col gap-2.5">
          {whyPair(pair).map((point) => (
            <Point key={`${point.text} ${point.policy ?? ''}`} point={point} />
          ))}
        </ul>
      </DrawerSection>
      {policy && (
        <ExplainSection explained={explained} view={view} observed={observedDrop(pair.reason, pair.direction)} advice={advice} />
      )}
      <PairFigures pair={pair} report={report} window={window} policy={policy} />
      <LatestFlows view={view} filter={dropped} />
      <PairReceipts
        source={pair.source}
        destination={pair.destination}
        reason={pair.reason}
        filter={dropped}
        mayAttest={mayAttest}
      />
    </Drawer>
  );
}
interface PairDrawerProps {
  pair: DropPair;
  report: DropsReport;
  view: Console;
  window: string;
  /** Whether whoever looks may ask for receipts. */
  mayAttest: boolean;
  onClose: () => void;
}

function PairFigures({ pair, report, window, policy }: { pair: DropPair; report: DropsReport; window: string; policy: boolean }) {
  const share = percent(pair.count, pair.flows);
  return (
    <DrawerSection title="Drops over time" aside={`${stepText(report.stepMs)} steps, ${window}`}>
      <SeriesRow
        times={report.times}
        values={pair.series}
        stepMs={report.stepMs}
        tone={policy ? 'drop' : 'trace'}
        lost={report.lost}
        height={40}
      />
      <TimeAxis from={report.times[0] ?? report.from} to={(report.times.at(-1) ?? report.from) + report.stepMs} />
      <dl className="mt-2 grid grid-cols-[104px_minmax(0,1fr)] gap-x-3 gap-y-1 text-12">
        <dt className="text-ink-3">Drops</dt>
        <dd>
          <span className="num">{exact(pair.count)}</span> of <span className="num">{exact(pair.flows)}</span> flows of this pair
          and port
          {share !== undefined && ` (${share})`}
        </dd>
        <dt className="text-ink-3">Before</dt>
        <dd>
          {report.comparable ? (
            <>
              <span className="num">{exact(pair.before)}</span> in the {duration(report.to - report.from)} before
            </>
          ) : (
            'not known: nothing is kept of the time before'
          )}
        </dd>
        <dt className="text-ink-3">First seen</dt>
        <dd>
          <Time at={pair.firstSeen} />
        </dd>
        <dt className="text-ink-3">Last seen</dt>
        <dd>
          <Time at={pair.lastSeen} />
        </dd>
        <dt className="text-ink-3">{pair.nodes.length === 1 ? 'Node' : 'Nodes'}</dt>
        <dd className="font-mono wrap-anywhere">
          {pair.nodes.map((node) => visibleText(shortNode(node))).join(', ') || 'not known'}
        </dd>
      </dl>
    </DrawerSection>
  );
}

function flowsUrl(view: Console, query: Record<string, string>): string {
  const search = new URLSearchParams({ ...query, ...(view.capture === null ? {} : { capture: view.capture }) });
  return `${view.api}/flows?${search}`;
}

/** The newest flows behind the count: those the console still holds. */
function LatestFlows({ view, filter }: { view: Console; filter: string }) {
  const { data, error, loading, reload } = useApi(flowsUrl(view, { filter, limit: '6' }), FlowPage, {
    refreshMs: view.live ? 5_000 : 0,
  });
  return (
    <DrawerSection
      title="Latest flows"
      aside={
        <Link className="ring-focus rounded-sm text-accent-text hover:underline" href={view.hrefOf('flows', { filter })}>
          Open in Flows
        </Link>
      }
    >
      {loading && <SkeletonRows rows={4} />}
      {!data && error && <Failed problem={error} onRetry={reload} className="px-0" />}
      {data?.flows.length === 0 && (
        <p className="text-12 text-ink-3">None of them is held any more: the console keeps the newest flows of a cluster.</p>
      )}
      <ul>
        {data?.flows.map(flowOfJson).map((flow) => {
          const cells = cellsOf(flow);
          return (
            <li key={flow.uuid || flow.time} className="border-t border-line first:border-t-0">
              <Link
                href={view.hrefOf('flows', { filter, ...(flow.uuid ? { selected: flow.uuid } : {}) })}
                title={utcAndLocal(flow.time)}
                className="ring-focus grid h-9 grid-cols-[88px_12px_minmax(0,1fr)_auto] items-center gap-2 rounded-sm text-12 hover:bg-hover md:h-7"
              >
                <span className="num text-ink-3">{clockMs(flow.time)}</span>
                <VerdictMark verdict={flow.verdict} />
                <span className="truncate font-mono">{cells.summary}</span>
                <span className="truncate font-mono text-ink-3">{cells.node}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </DrawerSection>
  );
}
