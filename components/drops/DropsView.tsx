'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useCallback, useEffect, useMemo } from 'react';
import { DropsReport } from '#lib/api/drops.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { CaptureBanner } from '#components/flows/CaptureBanner.tsx';
import { FilterBar } from '#components/flows/FilterBar.tsx';
import { hasTerm, toggleTerm, withTerm } from '#components/flows/filter-edit.ts';
import { seenInDrops } from '#components/flows/seen-values.ts';
import { usePauseKey } from '#components/flows/use-pause-key.ts';
import { rangeWords } from '#components/live/range.ts';
import { useApi } from '#components/live/use-api.ts';
import { type Console, useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { Skeleton, SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { clock, exact, utc } from '#components/ui/format.ts';
import { DropLists, LISTS } from './DropLists.tsx';
import { PAIR_SORTS, lostSentence } from './drops-view.ts';
import { PairDrawer } from './PairDrawer.tsx';
import { ReasonChart } from './ReasonChart.tsx';

const OWN = {
  filter: parseAsString.withDefault(''),
  /** Key of the pair whose drawer is open. */
  selected: parseAsString,
  by: parseAsStringLiteral(LISTS).withDefault('pair'),
  /** Only pairs that this policy denied are listed: no filter of Hubble can name a policy. */
  policy: parseAsString,
  sort: parseAsStringLiteral(PAIR_SORTS).withDefault('newest'),
};

/** The Drops page: how much is dropped and why, who is hit, and one pair explained. */
export function DropsView({ mayAttest }: { mayAttest: boolean }) {
  const view = useConsole();
  const [{ filter, selected, by, policy, sort }, setOwn] = useQueryStates(OWN, { history: 'push' });
  const setFilter = useCallback((next: string) => void setOwn({ filter: next || null }), [setOwn]);
  usePauseKey(view.paused, view.setPaused);
  const usable = useMemo(() => parseFilter(filter).ok, [filter]);
  const url = `${view.api}/drops?${view.rangeQuery()}&${new URLSearchParams({ filter })}`;
  const { data, error, loading, changing, staleSince, reload } = useApi(usable ? url : null, DropsReport, {
    refreshMs: view.refreshMs,
  });
  const window = windowWords(view, data);
  const pair = data?.pairs.find(({ key }) => key === selected);

  return (
    <div className="mx-auto flex max-w-[1360px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-20 font-title">Drops</h1>
        <FilterBar
          view={view}
          filter={filter}
          onFilter={setFilter}
          seen={() => (data ? seenInDrops(data) : {})}
          base="verdict:DROPPED"
          placeholder="ns: port: reason: workload: node:"
        />
      </div>
      <CaptureBanner view={view} />
      {staleSince !== undefined && (
        <Stale asOf={staleSince} problem={error} className="rounded-md border border-line bg-surface" />
      )}
      {usable ? (
        <Body>
          {loading && <Loading />}
          {!data && error && (
            <Card title="By reason">
              <Failed problem={error} onRetry={reload} className="p-0" />
            </Card>
          )}
          {data && data.total === 0 && <NoDrops view={view} report={data} window={window} filter={filter} onFilter={setFilter} />}
          {data && data.total > 0 && (
            <>
              <ReasonChart
                report={data}
                window={window}
                loading={changing || staleSince !== undefined}
                chosen={(reason) => hasTerm(filter, 'reason', reason)}
                onReason={(reason) => setFilter(toggleTerm(filter, 'reason', reason))}
              />
              <DropLists
                report={data}
                window={window}
                list={by}
                sort={sort}
                selected={selected}
                loading={changing || staleSince !== undefined}
                onList={(list) => void setOwn({ by: list }, { history: 'replace' })}
                onSort={(next) => void setOwn({ sort: next }, { history: 'replace' })}
                onPair={(key) => void setOwn({ selected: key === selected ? null : key })}
                policy={policy}
                onPolicy={(next) => void setOwn({ policy: next, by: null })}
                onRank={(key, value) => setFilter(withTerm(filter, key, value))}
              />
            </>
          )}
        </Body>
      ) : (
        <Card title="By reason">
          <Empty
            className="p-0"
            title="The filter cannot be read"
            action={<Button onClick={() => setFilter('')}>Clear the filter</Button>}
          >
            What is wrong is marked in the box above. Nothing is shown until it is put right.
          </Empty>
        </Card>
      )}
      {data && pair && (
        <PairDrawer
          pair={pair}
          report={data}
          view={view}
          window={window}
          mayAttest={mayAttest}
          onClose={() => void setOwn({ selected: null })}
        />
      )}
      {data && selected !== null && !pair && !changing && (
        <GonePair onForget={() => void setOwn({ selected: null }, { history: 'replace' })} />
      )}
    </div>
  );
}

const Body = ({ children }: { children: React.ReactNode }) => <div className="flex flex-col gap-3">{children}</div>;

/** A link may name a pair that has no drops in this window: the page is shown without its drawer. */
function GonePair({ onForget }: { onForget: () => void }) {
  useEffect(onForget, [onForget]);
  return null;
}

function NoDrops({ view, report, window, filter, onFilter }: NoDropsProps) {
  const { nodesReporting, nodesExpected, lostTotal } = report.coverage;
  const gap = lostSentence(report, clock);
  const seen = `${nodesReporting} of ${nodesExpected} nodes report, ${exact(lostTotal)} events lost`;
  return (
    <Card title="By reason">
      <Empty
        className="p-0"
        title={filter.trim() === '' ? `No drops, ${window}` : `No drops match the filter, ${window}`}
        action={
          filter.trim() === '' ? (
            view.range !== '24h' &&
            !view.past &&
            view.capture === null && <Button onClick={() => void view.setRange('24h')}>Last 24 h</Button>
          ) : (
            <Button onClick={() => onFilter('')}>Clear the filter</Button>
          )
        }
      >
        {report.flows === 0
          ? `${filter.trim() === '' ? 'No flows at all were seen in this time, so this says nothing about drops' : 'No flow matches it in this time, dropped or not'}. ${seen}.`
          : gap === ''
            ? `${exact(report.flows)} flows were seen. ${seen}, so this is a zero and no gap.`
            : `${exact(report.flows)} flows were seen. ${gap} There may have been drops that nobody saw.`}
      </Empty>
    </Card>
  );
}
interface NoDropsProps {
  view: Console;
  report: DropsReport;
  window: string;
  filter: string;
  onFilter: (filter: string) => void;
}

/** The page to come, in its own measures. */
function Loading() {
  return (
    <>
      <Card title="By reason">
        <output aria-label="Loading drops" className="flex flex-col gap-3">
          <Skeleton className="h-16 w-full" />
          {Array.from({ length: 8 }, (_, row) => (
            <Skeleton key={row} className={cx('h-3.5', row % 2 === 0 ? 'w-full' : 'w-11/12')} />
          ))}
        </output>
      </Card>
      <Card title="Pairs" flush>
        <SkeletonRows rows={8} />
      </Card>
    </>
  );
}

/** `last 3 h`, `2 Mar 2026 13:00:00 UTC to …`, `in this capture`. */
function windowWords(view: Console, report: DropsReport | undefined): string {
  if (view.capture !== null) return 'in this capture';
  if (view.past) return report ? `${utc(report.from)} to ${utc(report.to)}` : 'in this window';
  return `last ${rangeWords(view.range)}`;
}
