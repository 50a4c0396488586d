'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { FlowLogsBaseline } from '#lib/api/flow-logs.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useApi } from '#components/live/use-api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { FigureRowSkeleton } from '#components/ui/Figure.tsx';
import { exact } from '#components/ui/format.ts';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { PAIR_SORTS, PAIR_VERDICTS, shownPairs } from './baseline-view.ts';
import { BrokenLines } from './BrokenLines.tsx';
import { CoverageFigures, SkippedNote, UnknownAddresses } from './Coverage.tsx';
import { PairsTable } from './PairsTable.tsx';

const OWN = {
  find: parseAsString.withDefault(''),
  action: parseAsStringLiteral(PAIR_VERDICTS).withDefault('all'),
  sort: parseAsStringLiteral(PAIR_SORTS).withDefault('records'),
};

/** One import: what it can speak of, whom it does not know, and the pairs it saw. */
export function BaselineDetail({ api, id }: { api: string; id: string }) {
  const [own, setOwn] = useQueryStates(OWN, { history: 'replace' });
  const { data, error, staleSince, reload } = useApi(`${api}/flow-logs/${encodeURIComponent(id)}`, FlowLogsBaseline);
  if (!data)
    return error ? (
      <Card flush title="Import">
        <Failed problem={error} onRetry={reload} />
      </Card>
    ) : (
      <>
        <FigureRowSkeleton />
        <Card flush title="Pairs">
          <SkeletonRows rows={12} label="Loading pairs" />
        </Card>
      </>
    );
  const { import: made, pairs, pairsTotal } = data;
  if (made.state !== 'done')
    return (
      <Card flush title={visibleText(made.name)}>
        {made.state === 'reading' ? (
          <Empty title="It is being read">Its pairs stand here once all of it is read.</Empty>
        ) : (
          <Empty title="It was not taken">
            {visibleText(made.problem)}
            <span className="mt-2 block">
              <BrokenLines broken={made.broken} total={made.lines.broken} />
            </span>
          </Empty>
        )}
      </Card>
    );
  const shown = shownPairs(pairs, own.find, own.action, own.sort);
  return (
    <div className={cx('flex flex-col gap-3', staleSince !== undefined && 'stale')}>
      {staleSince !== undefined && <Stale asOf={staleSince} problem={error} />}
      <CoverageFigures made={made} />
      <SkippedNote made={made} />
      <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-[minmax(0,1fr)_420px]">
        <Card
          flush
          title="Pairs"
          hint={`${exact(shown.length)} of ${exact(pairsTotal)}${pairs.length < pairsTotal ? `, the ${exact(pairs.length)} with most records are read` : ''}`}
        >
          <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
            <SearchBox
              label="Find a pair"
              value={own.find}
              onChange={(find) => void setOwn({ find: find || null })}
              placeholder="name, address, port"
              className="w-56 max-md:w-full"
            />
            <Segmented
              label="Action"
              value={own.action}
              onChange={(action) => void setOwn({ action })}
              options={PAIR_VERDICTS.map((value) => ({ value, label: value === 'all' ? 'All' : value }))}
            />
          </div>
          {shown.length === 0 ? (
            <Empty
              title={pairs.length === 0 ? 'No pair' : 'No pair matches'}
              action={
                pairs.length > 0 && <Button onClick={() => void setOwn({ find: null, action: null })}>Show all pairs</Button>
              }
            >
              {pairs.length === 0 && 'The file has no record of traffic: only lines without data.'}
            </Empty>
          ) : (
            <PairsTable pairs={shown} sort={own.sort} onSort={(sort) => void setOwn({ sort })} />
          )}
        </Card>
        <UnknownAddresses made={made} />
      </div>
    </div>
  );
}
