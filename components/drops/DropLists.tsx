'use client';
import type { DropPair, DropsReport } from '#lib/api/drops.ts';
import { DEFAULT_DENY } from '#lib/flow/drops.ts';
import { dropCauseOf } from '#lib/flow/drop-catalogue.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Delta, Num, Percent } from '#components/ui/Num.tsx';
import { EndpointName, PairName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { cx } from '#components/ui/cx.ts';
import { type PairSort, pairsDeniedBy, shortLabel, shortNode, sortPairs } from './drops-view.ts';
import { splitPolicy } from './pair-why.ts';

export const LISTS = ['pair', 'namespace', 'policy', 'node'] as const;
export type List = (typeof LISTS)[number];

const LABELS: Record<List, string> = { pair: 'Pair', namespace: 'Namespace', policy: 'Policy', node: 'Node' };
const PLURALS: Record<List, string> = { pair: 'Pairs', namespace: 'Namespaces', policy: 'Policies', node: 'Nodes' };

const SORT_WORDS: Record<PairSort, string> = {
  newest: 'newly seen first, then by drops',
  drops: 'by drops',
  change: 'by change',
  last: 'by last drop',
};

/** Who is hit: pairs with a port and a reason, or namespaces, denying policies, nodes. */
export function DropLists(props: DropListsProps) {
  const { report, window, list, sort, onList, loading = false } = props;
  return (
    <Card
      flush
      title={PLURALS[list]}
      hint={list === 'pair' ? `${SORT_WORDS[sort]}, ${window}` : `by drops, ${window}`}
      className={cx(loading && 'stale')}
      aside={
        <Segmented
          label="Drops by"
          size="sm"
          value={list}
          onChange={onList}
          options={LISTS.map((value) => ({ value, label: LABELS[value] }))}
        />
      }
    >
      {list === 'pair' && props.policy !== null && <ChosenPolicy policy={props.policy} onPolicy={props.onPolicy} />}
      {list === 'pair' ? <Pairs {...props} /> : <Ranks {...props} />}
      {list === 'namespace' && <Note>A drop counts for the namespace at each end, so these add up to more than all drops.</Note>}
      {list === 'policy' && (
        <Note>Drops that policy decided: by a rule that denies, which Hubble names, or because none allows.</Note>
      )}
      {report.total > 0 && list === 'pair' && report.pairs.length >= 200 && (
        <Note>The {report.pairs.length} largest pairs. Narrow the filter to see others.</Note>
      )}
    </Card>
  );
}
interface DropListsProps {
  report: DropsReport;
  window: string;
  list: List;
  sort: PairSort;
  selected: string | null;
  onList: (list: List) => void;
  onSort: (sort: PairSort) => void;
  onPair: (key: string) => void;
  /** Narrows the filter to one of the list. */
  onRank: (list: 'namespace' | 'node', key: string) => void;
  /** Only pairs that this policy denied are listed; null: all. */
  policy: string | null;
  onPolicy: (policy: string | null) => void;
  loading?: boolean;
}

const Note = ({ children }: { children: React.ReactNode }) => (
  <p className="border-t border-line px-4 py-2 text-12 text-ink-3">{children}</p>
);

/** Which policy the pairs are narrowed to, and the way back to all. */
function ChosenPolicy({ policy, onPolicy }: Pick<DropListsProps, 'onPolicy'> & { policy: string }) {
  const { kind, name } = splitPolicy(policy);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
      <Mark name="dropped" />
      {policy === DEFAULT_DENY ? (
        <span>Denied because no rule allows them</span>
      ) : (
        <span>
          Denied by <span className="font-mono text-ink wrap-anywhere">{visibleText(name)}</span> {visibleText(kind)}
        </span>
      )}
      <Button look="quiet" size="sm" onClick={() => onPolicy(null)}>
        Show all pairs
      </Button>
    </p>
  );
}

function Pairs({ report, window, sort, selected, policy, onSort, onPair }: DropListsProps) {
  if (report.pairs.length === 0) return <Empty title="No pairs to list">Nothing was dropped, {window}.</Empty>;
  const pairs = sortPairs(pairsDeniedBy(report.pairs, policy), sort);
  if (pairs.length === 0) return <Empty title="This policy denied none of them">No pair of this time names it, {window}.</Empty>;
  return (
    <>
      <div className="@container hidden md:block">
        <Table caption={`Dropped pairs, ${window}`} className="table-fixed">
          <thead>
            <tr>
              <Th>Source → destination</Th>
              <Th className="w-22">Port</Th>
              <Th className="w-40 @4xl:w-60">Reason</Th>
              <SortTh className="w-24" own="drops" label="Drops" sort={sort} onSort={onSort} />
              <SortTh className="w-20" own="change" label="Change" sort={sort} onSort={onSort} />
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair) => (
              <PairRow
                key={pair.key}
                pair={pair}
                comparable={report.comparable}
                selected={pair.key === selected}
                onPair={onPair}
              />
            ))}
          </tbody>
        </Table>
      </div>
      <ul className="md:hidden" aria-label={`Dropped pairs, ${window}`}>
        {pairs.map((pair) => (
          <PairCard key={pair.key} pair={pair} comparable={report.comparable} selected={pair.key === selected} onPair={onPair} />
        ))}
      </ul>
    </>
  );
}

interface PairProps {
  pair: DropPair;
  comparable: boolean;
  selected: boolean;
  onPair: (key: string) => void;
}

function PairRow({ pair, comparable, selected, onPair }: PairProps) {
  return (
    <Tr selected={selected} className="cursor-pointer hover:bg-hover" onClick={() => onPair(pair.key)}>
      <Td className="min-w-0">
        <button type="button" className="ring-focus block max-w-full rounded-sm text-left" aria-expanded={selected}>
          <PairLine pair={pair} />
        </button>
      </Td>
      <Td className="truncate font-mono text-12 text-ink-2">{portOf(pair)}</Td>
      <Td className="truncate text-13" title={pair.reason}>
        {shortLabel(dropCauseOf(pair.reason).label)}
      </Td>
      <Td number>
        <Num value={pair.count} full />
      </Td>
      <Td number>
        <PairChange pair={pair} comparable={comparable} />
      </Td>
    </Tr>
  );
}

/** Both ends on one line; each is cut where there is no room, and whole on hover. */
function PairLine({ pair }: { pair: DropPair }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <EndpointName {...endpointOfId(visibleText(pair.source))} />
      <span aria-hidden="true" className="shrink-0 font-mono text-12 text-ink-3">
        →
      </span>
      <span className="sr-only">to</span>
      <EndpointName {...endpointOfId(visibleText(pair.destination))} />
    </span>
  );
}

/** A pair on a phone: two lines. */
function PairCard({ pair, comparable, selected, onPair }: PairProps) {
  return (
    <li className={cx('border-t border-line first:border-t-0', selected && 'bg-accent-tint')}>
      <button
        type="button"
        aria-expanded={selected}
        onClick={() => onPair(pair.key)}
        className="ring-focus flex w-full flex-col gap-1 px-4 py-2.5 text-left"
      >
        <PairName source={visibleText(pair.source)} destination={visibleText(pair.destination)} />
        <span className="flex w-full items-center gap-2 text-12 text-ink-2">
          <span className="font-mono">{portOf(pair)}</span>
          <span className="truncate">{shortLabel(dropCauseOf(pair.reason).label)}</span>
          <Num value={pair.count} full className="num ml-auto text-ink" />
          <PairChange pair={pair} comparable={comparable} />
        </span>
      </button>
    </li>
  );
}

/** Never seen before in all the ledger holds, or the change against the window before. */
function PairChange({ pair, comparable }: { pair: DropPair; comparable: boolean }) {
  if (pair.newlySeen)
    return (
      <span className="num text-drop-text" title="Not seen before in all that the console has kept (at most 30 days)">
        new
      </span>
    );
  return <Delta now={pair.count} before={pair.before} comparable={comparable} className="num" />;
}

/** `TCP/5432`; many ports of a pair are folded into one line without a port. */
export const portOf = ({ protocol, port }: Pick<DropPair, 'protocol' | 'port'>): string => {
  if (port > 0) return `${protocol}/${port}`;
  return /^(TCP|UDP|SCTP)$/.test(protocol) ? `${protocol}, many` : protocol;
};

function SortTh({ own, label, sort, onSort, className }: SortThProps) {
  const active = sort === own;
  return (
    <Th number className={className} aria-sort={active ? 'descending' : undefined}>
      <button
        type="button"
        className={cx('ring-focus inline-flex min-h-6 items-center gap-1 rounded-sm hover:text-ink', active && 'text-ink')}
        title={active ? 'Back to newly seen first' : `Sort by ${label.toLowerCase()}`}
        onClick={() => onSort(active ? 'newest' : own)}
      >
        {label}
        {active && (
          <svg width="8" height="8" viewBox="0 0 8 8" aria-hidden="true">
            <path d="M1 2.5 4 6l3-3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
          </svg>
        )}
      </button>
    </Th>
  );
}
interface SortThProps {
  own: PairSort;
  label: string;
  sort: PairSort;
  onSort: (sort: PairSort) => void;
  className?: string;
}

function Ranks({ report, window, list, onRank, onPolicy }: DropListsProps) {
  if (list === 'pair') return null;
  const ranked = { namespace: report.namespaces, policy: report.policies, node: report.nodes }[list];
  if (ranked.length === 0) {
    return list === 'policy' ? (
      <Empty title="No policy named">
        Nothing was dropped because a rule denied it or none allows it: these drops are no policy matter.
      </Empty>
    ) : (
      <Empty title={`No ${PLURALS[list].toLowerCase()} to list`}>Nothing was dropped, {window}.</Empty>
    );
  }
  return (
    <Table caption={`Drops by ${list}, ${window}`}>
      <thead>
        <tr>
          <Th>{LABELS[list]}</Th>
          <Th number>Drops</Th>
          <Th number className="max-md:hidden">
            Of all
          </Th>
          <Th number>Change</Th>
        </tr>
      </thead>
      <tbody>
        {ranked.map(({ key, count, before }) => (
          <Tr key={key} className="hover:bg-hover">
            <Td className="min-w-0">
              <RankName list={list} name={key} onRank={onRank} onPolicy={onPolicy} />
            </Td>
            <Td number>
              <Num value={count} full />
            </Td>
            <Td number className="text-ink-3 max-md:hidden">
              <Percent part={count} of={report.total} />
            </Td>
            <Td number>
              <Delta now={count} before={before} comparable={report.comparable} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** A name of a list: narrows the filter; a policy, which no filter can name, narrows the list of pairs. */
function RankName({ list, name, onRank, onPolicy }: RankNameProps) {
  if (list === 'policy')
    return (
      <button
        type="button"
        title="Show the pairs it denied"
        onClick={() => onPolicy(name)}
        className="group ring-focus flex min-h-6 items-center gap-2 rounded-sm text-left font-mono text-12 wrap-anywhere"
      >
        <Mark name="dropped" />
        {name === DEFAULT_DENY ? (
          <span className="font-sans text-13 group-hover:underline">No rule allows it (default deny)</span>
        ) : (
          <>
            <span className="group-hover:underline">{visibleText(splitPolicy(name).name)}</span>
            <span className="font-sans text-ink-3">{visibleText(splitPolicy(name).kind)}</span>
          </>
        )}
      </button>
    );
  if (name === '') return <span className="text-12 text-ink-3">outside the cluster</span>;
  return (
    <button
      type="button"
      title="Add to the filter"
      onClick={() => onRank(list, name)}
      className="ring-focus min-h-6 rounded-sm text-left font-mono text-12 wrap-anywhere hover:underline"
    >
      {visibleText(list === 'node' ? shortNode(name) : name)}
    </button>
  );
}
interface RankNameProps {
  list: Exclude<List, 'pair'>;
  name: string;
  onRank: DropListsProps['onRank'];
  onPolicy: DropListsProps['onPolicy'];
}
