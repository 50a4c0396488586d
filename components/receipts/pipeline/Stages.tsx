'use client';
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useConsole } from '#components/live/use-console.ts';
import { useStatus } from '#components/live/use-status.ts';
import { Card } from '#components/ui/Card.tsx';
import { cx } from '#components/ui/cx.ts';
import { duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num, Unknown } from '#components/ui/Num.tsx';
import { rateOf, type Stage, stageMark, STAGE_WORDS } from './pipeline-view.ts';

/** The way of a receipt, station by station: how much passes, what waits, how far behind it is. */
export function Stages({ stages }: { stages: readonly Stage[] }) {
  const view = useConsole();
  const { status } = useStatus(view.cluster);
  return (
    <Card flush title="From flow to witness" hint="rates of the last minute">
      <ol className="grid grid-cols-1 md:grid-cols-3 xl:grid-cols-6">
        <Station name="Flows in" what="from the relay or the bus" first>
          <p className="whitespace-nowrap">
            <Num value={status?.flowsPerSecondMinute} why="the cluster’s state is not known yet" className="text-20 font-title" />{' '}
            <span className="text-12 text-ink-3">a second</span>
          </p>
          <p className="text-12 text-ink-3">passed ones are summed up</p>
        </Station>
        {stages.map((stage) => (
          <StageStation key={stage.stage} stage={stage} />
        ))}
      </ol>
    </Card>
  );
}

function StageStation({ stage }: { stage: Stage }) {
  const { name, what, unit, waiting } = STAGE_WORDS[stage.stage];
  const { mark, words } = stageMark(stage);
  return (
    <Station name={name} what={what}>
      <p className="whitespace-nowrap">
        <Num value={rateOf(stage)} className="text-20 font-title" /> <span className="text-12 text-ink-3">{unit}</span>
      </p>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-12">
        <dt className="text-ink-3">behind</dt>
        <dd className="flex items-center gap-1.5">
          <Mark name={mark} label={words} />
          {stage.lagMs === undefined ? <Unknown why="nothing came through yet" /> : lag(stage.lagMs)}
        </dd>
        {waiting !== undefined && (
          <>
            <dt className="text-ink-3">{waiting}</dt>
            <dd>
              <Num value={stage.waiting} />
            </dd>
          </>
        )}
        <dt className="text-ink-3">failures</dt>
        <dd className={cx(stage.failures > 0 && 'text-audit-text')}>
          <Num value={stage.failures} />
        </dd>
      </dl>
    </Station>
  );
}

function Station({ name, what, first = false, children }: StationProps) {
  return (
    <li className="-mt-px -ml-px flex min-w-0 flex-col gap-1 border-t border-l border-line px-4 py-3">
      <h3 className="flex items-center gap-1 text-13 font-label text-ink-2">
        {!first && <ChevronRight size={14} aria-hidden="true" className="-ml-1 shrink-0 text-ink-3" />}
        {name}
      </h3>
      <p className="text-12 text-ink-3">{what}</p>
      {children}
    </li>
  );
}
interface StationProps {
  name: string;
  what: string;
  first?: boolean;
  children: ReactNode;
}

const lag = (ms: number): string => (ms < 1000 ? `${exact(ms)}\u00a0ms` : duration(ms));
