'use client';
import type { PolicyList } from '#lib/api/policies.ts';
import type { Console } from '#components/live/use-console.ts';
import { rangeMs } from '#components/live/range.ts';
import { Figure, FigureRow } from '#components/ui/Figure.tsx';
import { clock, day, exact, utc } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Percent, Unknown } from '#components/ui/Num.tsx';
import { Time } from '#components/ui/Time.tsx';
import { figuresOf } from './inventory-view.ts';

const DAY = 86_400_000;

/** How many policies, how much they close, how many do nothing, and which rules nobody used; each with what it is measured against. */
export function InventoryFigures({ list, view, window, podsKnown }: InventoryFiguresProps) {
  const figures = figuresOf(list);
  const kinds = figures.byKind.map(({ kind, count }) => `${exact(count)} ${kind}`).join(', ');
  return (
    <FigureRow label="Figures">
      <Figure
        name="Policies"
        value={<Num value={figures.policies} />}
        unit={<span title={kinds}>in the set in force</span>}
        note={
          <>
            set{' '}
            <span className="font-mono" title={list.set.hash}>
              {list.set.hash.slice(0, 8)}
            </span>
            , since <Time at={list.set.since} />
          </>
        }
      />
      <Figure
        name="Closed by default"
        value={podsKnown ? <Percent part={figures.ingressClosed} of={figures.pods} why="no pods are known" /> : <PodsUnknown />}
        unit="ingress"
        note={
          podsKnown ? (
            <>
              egress <Percent part={figures.egressClosed} of={figures.pods} why="no pods are known" />, of {exact(figures.pods)}{' '}
              pods
            </>
          ) : (
            'pods could not be read'
          )
        }
      />
      <Figure
        name={
          <>
            {figures.invalid > 0 && <Mark name="fail" />}
            Not in force
          </>
        }
        value={<Num value={figures.invalid} />}
        unit={figures.invalid === 1 ? 'policy' : 'policies'}
        note={
          figures.invalid === 0 ? `all ${exact(figures.policies)} are valid` : `of ${exact(figures.policies)}, refused as a whole`
        }
      />
      <Figure
        name="Rules without traffic"
        value={<Num value={figures.unusedRules} />}
        unit={`of ${exact(figures.rules)}`}
        note={<UnusedNote list={list} view={view} window={window} />}
      />
    </FigureRow>
  );
}
interface InventoryFiguresProps {
  list: PolicyList;
  view: Console;
  window: string;
  podsKnown: boolean;
}

const PodsUnknown = () => <Unknown why="the source does not hold the pods of the cluster" />;

/** A rule may only rest for a while: of a short time the figure says little, and the way to a longer one is beside it. */
function UnusedNote({ list, view, window }: Omit<InventoryFiguresProps, 'podsKnown'>) {
  if (list.trafficSince !== undefined && list.trafficSince > list.from)
    return (
      <span title={`Traffic is kept since ${utc(list.trafficSince)}`}>
        traffic kept since {day(list.trafficSince)} {clock(list.trafficSince)}
      </span>
    );
  if (view.past || rangeMs(view.range) >= DAY) return <>{window}</>;
  return (
    <>
      {window};{' '}
      <button
        type="button"
        onClick={() => void view.setRange('7d')}
        className="ring-focus rounded-sm text-accent-text hover:underline"
      >
        last 7 d
      </button>{' '}
      says more
    </>
  );
}
