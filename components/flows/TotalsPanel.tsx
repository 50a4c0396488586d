'use client';
import type { ReactNode } from 'react';
import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Timeline } from '#lib/api/timeline.ts';
import { useApi } from '#components/live/use-api.ts';
import type { Console } from '#components/live/use-console.ts';
import { rangeWords } from '#components/live/range.ts';
import { clockMs, exact } from '#components/ui/format.ts';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { VerdictText } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { hasTerm, toggleTerm } from './filter-edit.ts';

/** Exact counts over the chosen range, to hold beside what `hubble observe` prints. A click narrows the filter. */
export function TotalsPanel({ view, filter, onFilter }: TotalsPanelProps) {
  const { data, error, loading, staleSince, reload } = useApi(`${view.api}/timeline?${view.rangeQuery()}`, Timeline, {
    refreshMs: view.refreshMs,
  });
  if (loading) return <SkeletonRows rows={12} label="Loading exact totals" />;
  if (!data) return error ? <Failed problem={error} onRetry={reload} /> : null;
  const { totals, from, to } = data;
  const window =
    view.capture !== null
      ? 'in this capture'
      : view.past
        ? `${clockMs(from).slice(0, 8)} to ${clockMs(to).slice(0, 8)}`
        : `last ${rangeWords(view.range)}`;
  if (totals.flows === 0)
    return (
      <Empty title={`No flows, ${window}`}>
        {data.coverage.nodesReporting} of {data.coverage.nodesExpected} nodes report.
      </Empty>
    );
  const toggle = (key: string, value: string) => onFilter(toggleTerm(filter, key, value));
  const chosen = (key: string, value: string) => hasTerm(filter, key, value);
  return (
    <div className={cx(staleSince !== undefined && 'stale')}>
      {staleSince !== undefined && <Stale asOf={staleSince} problem={error} />}
      <p className="px-4 pt-3 text-12 text-ink-3">All flows, {window}, whatever the filter.</p>
      <Totals caption="Verdict" of={totals.flows}>
        {VERDICTS.filter((verdict) => (totals.verdicts[verdict] ?? 0) > 0).map((verdict: Verdict) => (
          <TotalRow
            key={verdict}
            count={totals.verdicts[verdict] ?? 0}
            pressed={chosen('verdict', verdict)}
            onToggle={() => toggle('verdict', verdict)}
          >
            <VerdictText verdict={verdict} />
          </TotalRow>
        ))}
      </Totals>
      <Totals caption="Namespace" note="A flow counts for the namespace at each end.">
        {ranked(totals.namespaces).map(([name, count]) => (
          <TotalRow key={name} count={count} pressed={chosen('ns', name)} onToggle={() => toggle('ns', name)}>
            <span className="font-mono">{visibleText(name)}</span>
          </TotalRow>
        ))}
      </Totals>
      <Totals caption="Node">
        {ranked(totals.nodes).map(([name, count]) => (
          <TotalRow key={name} count={count} pressed={chosen('node', name)} onToggle={() => toggle('node', name)}>
            <span className="font-mono">{visibleText(name.slice(name.indexOf('/') + 1))}</span>
          </TotalRow>
        ))}
      </Totals>
    </div>
  );
}
interface TotalsPanelProps {
  view: Console;
  filter: string;
  onFilter: (filter: string) => void;
}

const ranked = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));

function Totals({ caption, of, note, children }: { caption: string; of?: number; note?: string; children: ReactNode }) {
  return (
    <table className="mt-3 w-full text-left text-12">
      <caption className="sr-only">Flows by {caption.toLowerCase()}</caption>
      <thead>
        <tr className="h-7">
          <th scope="col" className="pl-4 font-label text-ink-3" title={note}>
            {caption}
          </th>
          <th scope="col" className="num pr-4 text-right font-label text-ink-3">
            {of === undefined ? 'Flows' : exact(of)}
          </th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function TotalRow({ count, pressed, onToggle, children }: TotalRowProps) {
  return (
    <tr className={cx('h-7 border-t border-line', pressed && 'bg-accent-tint')}>
      <th scope="row" className="max-w-0 pl-4 font-body">
        <button
          type="button"
          aria-pressed={pressed}
          title={pressed ? 'Take out of the filter' : 'Add to the filter'}
          onClick={onToggle}
          className="ring-focus flex min-h-6 max-w-full items-center truncate rounded-sm text-left hover:underline"
        >
          {children}
        </button>
      </th>
      <td className="num w-24 pr-4 text-right">{exact(count)}</td>
    </tr>
  );
}
interface TotalRowProps {
  count: number;
  pressed: boolean;
  onToggle: () => void;
  children: ReactNode;
}
