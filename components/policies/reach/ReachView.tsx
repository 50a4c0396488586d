'use client';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { PolicySource } from '#lib/api/policies.ts';
import { ReachMatrix } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed, Stale } from '#components/ui/Faces.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { PoliciesHead } from '../PoliciesTabs.tsx';
import { ShortWindow } from '../ShortWindow.tsx';
import { windowOf } from '../what-if/effect-words.ts';
import { SourceMissing } from '../why/SourceMissing.tsx';
import { MatrixGrid, keyOf } from './MatrixGrid.tsx';
import { ReachDrawer } from './ReachDrawer.tsx';
import { ReachMark } from './ReachMark.tsx';
import { ReachTable } from './ReachTable.tsx';
import { STATES, STATE_WORDS, cellFinder, countStates } from './reach-view.ts';

const STATE = {
  /** The namespace that is unfolded to its workloads. */
  ns: parseAsString,
  view: parseAsStringLiteral(['matrix', 'table'] as const).withDefault('matrix'),
  only: parseAsStringLiteral(STATES),
  /** `source->destination`. */
  selected: parseAsString,
};

/** Who may reach whom by policy, laid over what was seen. */
export function ReachView() {
  const view = useConsole();
  const [query, setQuery] = useQueryStates(STATE, { history: 'push' });
  const { ns, only, selected } = query;
  const source = useApi(`${view.api}/policies/source`, PolicySource);
  const noSource = source.data?.kind === 'none';
  const level = ns === null ? 'level=namespace' : `level=workload&namespace=${encodeURIComponent(ns)}`;
  const state = useApi(noSource ? null : `${view.api}/policies/reach?${view.rangeQuery()}&${level}`, ReachMatrix);
  // The matrix of another level has other names: it may not stand in.
  const matrix = state.data && (state.data.level === 'workload') === (ns !== null) ? state.data : undefined;
  const names = matrix && matrix.names.length > 0 ? matrix.names : undefined;
  const [from, to] = (selected ?? '').split('->');
  const chosen = matrix && from !== undefined && to !== undefined && matrix.names.includes(from) && matrix.names.includes(to);
  const unfold = (namespace: string | null) => void setQuery({ ns: namespace, selected: null });
  return (
    <div className="mx-auto flex max-w-[1760px] flex-col gap-4 px-3 py-3 md:px-6 md:py-5">
      <PoliciesHead title="Reach" />
      <ShortWindow view={view} />
      <Card
        title={ns === null ? 'Namespaces' : <span className="font-mono text-13">{visibleText(ns)}</span>}
        hint={matrix ? `${exact(matrix.names.length ** 2)} pairs, traffic of ${windowOf(matrix)}` : undefined}
        flush
        aside={
          <>
            {ns !== null && (
              <Button size="sm" onClick={() => unfold(null)}>
                All namespaces
              </Button>
            )}
            <Segmented
              label="View"
              size="sm"
              value={query.view}
              onChange={(next) => void setQuery({ view: next }, { history: 'replace' })}
              options={[
                { value: 'matrix', label: 'Matrix' },
                { value: 'table', label: 'Table' },
              ]}
            />
          </>
        }
      >
        {noSource ? (
          <div className="p-4">
            <SourceMissing source={source.data} />
          </div>
        ) : !matrix ? (
          state.error ? (
            <Failed problem={state.error} onRetry={state.reload} />
          ) : (
            <SkeletonRows rows={14} label="Judging" />
          )
        ) : !names ? (
          <Empty title={ns === null ? 'No namespace is known' : 'This namespace has no workload'}>
            The source of policies lists no pods here, so there is nobody to judge.
          </Empty>
        ) : (
          <>
            {state.staleSince !== undefined && <Stale asOf={state.staleSince} problem={state.error} />}
            <div className={cx((state.staleSince !== undefined || state.changing) && 'stale')}>
              <Legend matrix={matrix} only={only} onOnly={(next) => void setQuery({ only: next }, { history: 'replace' })} />
              {query.view === 'matrix' ? (
                <MatrixGrid
                  key={ns ?? ''}
                  matrix={matrix}
                  only={only ?? undefined}
                  selected={selected}
                  onSelect={(key) => void setQuery({ selected: key })}
                  onName={ns === null ? unfold : undefined}
                />
              ) : (
                <ReachTable
                  matrix={matrix}
                  only={only ?? undefined}
                  selected={selected}
                  onSelect={(key) => void setQuery({ selected: key })}
                />
              )}
            </div>
          </>
        )}
      </Card>
      {chosen && (
        <ReachDrawer
          key={keyOf(from, to)}
          matrix={matrix}
          source={from}
          destination={to}
          cell={cellFinder(matrix)({ source: matrix.names.indexOf(from), destination: matrix.names.indexOf(to) })}
          view={view}
          onUnfold={(namespace) => view.hrefOf('policies/reach', { ns: namespace })}
          onClose={() => void setQuery({ selected: null })}
        />
      )}
    </div>
  );
}

/** What the marks mean, with their counts; a press lets one stand out. */
function Legend({ matrix, only, onOnly }: LegendProps) {
  const counts = countStates(matrix);
  return (
    <ul aria-label="States" className="flex flex-wrap gap-1.5 border-b border-line px-4 py-2">
      {STATES.filter((state) => counts[state] > 0 || state === only).map((state) => (
        <li key={state}>
          <button
            type="button"
            aria-pressed={only === state}
            onClick={() => onOnly(only === state ? null : state)}
            className={cx(
              'ring-focus inline-flex h-7 items-center gap-1.5 rounded-sm px-2 text-12 max-md:h-9',
              only === state ? 'bg-accent-tint text-accent-text' : 'bg-hover text-ink-2 hover:text-ink',
            )}
          >
            <ReachMark state={state} />
            {STATE_WORDS[state]}
            <span className="num">{exact(counts[state])}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
interface LegendProps {
  matrix: ReachMatrix;
  only: (typeof STATES)[number] | null;
  onOnly: (state: (typeof STATES)[number] | null) => void;
}
