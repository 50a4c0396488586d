'use client';
import { parseAsBoolean, parseAsString, useQueryStates } from 'nuqs';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Flow } from '#lib/flow/flow.ts';
import { type Console, useConsole } from '#components/live/use-console.ts';
import { AttestButton } from '#components/receipts/attest/AttestButton.tsx';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { clock, utc } from '#components/ui/format.ts';
import { CaptureBanner } from './CaptureBanner.tsx';
import { ExportMenu } from './ExportMenu.tsx';
import { FilterBar } from './FilterBar.tsx';
import { FilterChips } from './FilterChips.tsx';
import { FlowDrawer } from './FlowDrawer.tsx';
import { FlowTable } from './FlowTable.tsx';
import { FlowsHeadline } from './FlowsHeadline.tsx';
import { SaveCapture } from './SaveCapture.tsx';
import { TotalsPanel } from './TotalsPanel.tsx';
import { withTerm } from './filter-edit.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { mapSelection } from './map-selection.ts';
import { flowPairFilter } from './peer-terms.ts';
import { seenInFlows } from './seen-values.ts';
import { useFlows } from './use-flows.ts';
import { usePauseKey } from './use-pause-key.ts';

const OWN = {
  filter: parseAsString.withDefault(''),
  selected: parseAsString,
  totals: parseAsBoolean.withDefault(false),
};

/** The Flows page: live rows with what is missing told in place, a filter, exact totals, and one flow explained. */
export function FlowsView({ mayCapture, mayAttest }: { mayCapture: boolean; mayAttest: boolean }) {
  const view = useConsole();
  const [{ filter, selected, totals }, setOwn] = useQueryStates(OWN, { history: 'push' });
  const setFilter = useCallback((next: string) => void setOwn({ filter: next || null }), [setOwn]);
  usePauseKey(view.paused, view.setPaused);
  // A filter from a link may be wrong: it is shown with its problems, and nothing is asked (an empty filter would match everything).
  const usable = useMemo(() => parseFilter(filter).ok, [filter]);
  const window = windowText(view);
  const shownFlows = useRef<readonly Flow[]>([]);
  const onShown = useCallback((flows: readonly Flow[]) => {
    shownFlows.current = flows;
  }, []);

  return (
    <div className="flex h-full min-h-0 flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-20 font-title">Flows</h1>
        <FilterBar
          view={view}
          filter={filter}
          onFilter={setFilter}
          seen={() => seenInFlows(shownFlows.current)}
          placeholder="ns:payments verdict:DROPPED port:5432 -pod:probe*"
        />
      </div>
      <CaptureBanner view={view} />
      <div className="flex items-center justify-between gap-2">
        <FilterChips filter={filter} onFilter={setFilter} />
        <Button
          size="sm"
          aria-expanded={totals}
          aria-controls="totals"
          onClick={() => void setOwn({ totals: !totals || null }, { history: 'replace' })}
        >
          {totals ? 'Hide exact totals' : 'Exact totals'}
        </Button>
      </div>
      <div className="@container flex min-h-0 flex-1 flex-col">
        <div className="flex min-h-0 flex-1 flex-col gap-3 @4xl:flex-row">
          {usable ? (
            <FlowsBody
              key={`${view.api} ${filter} ${view.past || view.capture !== null ? view.rangeQuery() : 'live'}`}
              view={view}
              filter={filter}
              window={window}
              selected={selected}
              mayCapture={mayCapture}
              mayAttest={mayAttest}
              onShown={onShown}
              onSelect={(uuid) => void setOwn({ selected: uuid })}
              onFilter={setFilter}
            />
          ) : (
            <section className="flex-1 rounded-md border border-line bg-surface" aria-label="Flows">
              <Empty title="The filter cannot be read" action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}>
                What is wrong is marked in the box above. Nothing is shown until it is put right: part of a filter would show more
                than was asked for.
              </Empty>
            </section>
          )}
          {totals && (
            <aside
              id="totals"
              aria-label="Exact totals"
              className="max-h-72 shrink-0 overflow-auto rounded-md border border-line bg-surface pb-3 @4xl:order-none @4xl:max-h-none @4xl:w-62"
            >
              <TotalsPanel view={view} filter={filter} onFilter={setFilter} />
            </aside>
          )}
        </div>
      </div>
    </div>
  );
}

interface FlowsBodyProps {
  view: Console;
  filter: string;
  window: string | undefined;
  selected: string | null;
  mayCapture: boolean;
  mayAttest: boolean;
  /** Told the flows shown, for completion. */
  onShown: (flows: readonly Flow[]) => void;
  onSelect: (uuid: string | null) => void;
  onFilter: (filter: string) => void;
}

function FlowsBody({ view, filter, window, selected, mayCapture, mayAttest, onShown, onSelect, onFilter }: FlowsBodyProps) {
  const [reading, setReading] = useState(false);
  const following = !view.past && view.capture === null;
  const flows = useFlows({
    api: view.api,
    filter,
    rangeQuery: view.rangeQuery(),
    live: following,
    held: following && (view.paused || selected !== null || reading),
  });
  const rowOf = (key: string | null): Flow | undefined => {
    const row = key === null ? undefined : [...flows.rows, ...flows.waiting].find((candidate) => candidate.key === key);
    return row?.kind === 'flow' ? row.flow : undefined;
  };
  const stale = flows.stream.state === 'reconnecting' || (flows.error !== undefined && flows.rows.length > 0);
  const shown = useMemo(() => flows.rows.flatMap((row) => (row.kind === 'flow' ? [row.flow] : [])), [flows.rows]);
  useEffect(() => onShown(shown), [shown, onShown]);

  return (
    <section
      className="flex min-h-72 min-w-0 flex-1 flex-col overflow-hidden rounded-md border border-line bg-surface"
      aria-label="Flows"
    >
      <FlowsHeadline
        flows={flows}
        filtered={filter.trim() !== ''}
        paused={view.paused}
        window={window}
        onRelease={() => {
          setReading(false);
          if (view.paused) void view.setPaused(false);
          if (selected !== null) onSelect(null);
          document.querySelector('[role=table][aria-label="Flows, newest first"]')?.parentElement?.scrollTo({ top: 0 });
        }}
      />
      {flows.error && flows.rows.length > 0 && <Stale asOf={flows.rows[0]?.time ?? 0} problem={flows.error} />}
      <div className="flex min-h-0 flex-1 flex-col">
        {flows.loading ? (
          <SkeletonRows rows={16} label="Loading flows" />
        ) : flows.error && flows.rows.length === 0 ? (
          <Failed problem={flows.error} onRetry={flows.reload} />
        ) : flows.rows.length === 0 ? (
          <NoFlows view={view} flows={flows} filter={filter} onFilter={onFilter} />
        ) : (
          <FlowTable
            rows={flows.rows}
            label="Flows, newest first"
            selected={selected ?? undefined}
            onSelect={onSelect}
            onReading={setReading}
            onEnd={flows.loadOlder}
            stale={stale}
            footer={<Foot flows={flows} />}
          />
        )}
      </div>
      <footer className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2">
        <ExportMenu flows={shown} cluster={view.cluster} />
        {mayCapture && following && <SaveCapture cluster={view.cluster} filter={filter} />}
        {mayAttest && following && <AttestButton what={{ filter }} label="Attest what matches" />}
        <ButtonLink size="sm" look="quiet" href={`/c/${encodeURIComponent(view.cluster)}/flows/captures`}>
          Captures
        </ButtonLink>
        <span className="ml-auto hidden text-12 text-ink-3 md:inline">
          <kbd className="font-mono">j</kbd> <kbd className="font-mono">k</kbd> move, <kbd className="font-mono">Enter</kbd>{' '}
          opens, <kbd className="font-mono">Space</kbd> pauses
        </span>
      </footer>
      {selected !== null && (
        <FlowDrawer
          view={view}
          uuid={selected}
          flow={rowOf(selected)}
          mayAttest={mayAttest}
          flowsUrl={`${view.api}/flows${view.capture === null ? '' : `?capture=${encodeURIComponent(view.capture)}`}`}
          mapHref={(flow) => view.hrefOf('map', { level: 'workload', selected: mapSelection(flow) })}
          pairHref={(flow) =>
            view.hrefOf('flows', { filter: flowPairFilter(flow), ...(flow.uuid ? { selected: flow.uuid } : {}) })
          }
          onFilter={(key, value) => onFilter(withTerm(filter, key, value))}
          onClose={() => onSelect(null)}
        />
      )}
    </section>
  );
}

/** Why there is nothing, and what fills it. */
function NoFlows({
  view,
  flows,
  filter,
  onFilter,
}: {
  view: Console;
  flows: ReturnType<typeof useFlows>;
  filter: string;
  onFilter: (filter: string) => void;
}) {
  const { status } = flows;
  const coverage = status && `${status.coverage.nodesReporting} of ${status.coverage.nodesExpected} nodes report.`;
  if (status && status.state !== 'live')
    return (
      <Empty
        title="The relay does not send flows"
        action={<ButtonLink href="/settings/clusters">Open cluster settings</ButtonLink>}
      >
        {status.stateDetail || 'The console is connecting to it.'}
      </Empty>
    );
  if (filter.trim() !== '')
    return (
      <Empty title="No flow matches the filter" action={<Button onClick={() => onFilter('')}>Clear the filter</Button>}>
        {view.capture !== null
          ? 'None in this capture.'
          : view.past
            ? 'None in this window that the console still holds.'
            : `Waiting for one. ${status ? `The cluster sends ${Math.round(status.flowsPerSecond)} flows/s.` : ''}`}{' '}
        {coverage}
      </Empty>
    );
  if (view.past)
    return (
      <Empty title="No flows held for this window" action={<Button onClick={() => void view.backToLive()}>Back to live</Button>}>
        Single flows are held in memory for a while{flows.oldest === undefined ? '' : `, now back to ${utc(flows.oldest)}`};
        counts are kept for weeks on Map and Drops.
      </Empty>
    );
  return (
    <Empty title={view.capture === null ? 'No flows yet' : 'This capture holds no flows'}>
      {coverage ?? 'Waiting for the first one.'}
    </Empty>
  );
}

/** The end of the rows: what lies beyond them. */
function Foot({ flows }: { flows: ReturnType<typeof useFlows> }) {
  const text = flows.loadingOlder
    ? 'Loading older flows'
    : flows.loadOlder
      ? ''
      : flows.oldest === undefined
        ? ''
        : `Flows are held back to ${clock(flows.oldest)} UTC.`;
  return text === '' ? null : <p className="px-4 py-2 text-12 text-ink-3">{text}</p>;
}

/** What the rows are when they are not live: undefined when they are. */
function windowText(view: Console): string | undefined {
  if (view.capture !== null) return 'from a capture';
  if (!view.past) return undefined;
  return `${utc(view.from ?? 0)} to ${view.to === null ? 'now' : utc(view.to)}`;
}
