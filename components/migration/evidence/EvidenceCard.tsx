'use client';
import { RefreshCw } from 'lucide-react';
import type { CheckSeries, PhaseCheck, PhaseDetail } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { Time } from '#components/ui/Time.tsx';
import { History } from '../history/History.tsx';
import { shortTime } from '../state-words.ts';
import type { Change } from '../use-migration.ts';
import type { EvidenceTab } from '../use-place.ts';
import { visibleLine } from '../visible-lines.ts';
import { ChecksTable } from './ChecksTable.tsx';
import { chosenSeries, countChecks, failingSince } from './check-view.ts';
import { Rollback } from './Rollback.tsx';
import { SeriesChart } from './SeriesChart.tsx';

const TABS = [
  { value: 'checks', label: 'Checks' },
  { value: 'rollback', label: 'Rollback' },
  { value: 'history', label: 'History' },
] as const;

/** What the gate rests on: the figure that moves, all checks, how to go back, what was done. */
export function EvidenceCard(props: EvidenceCardProps) {
  const { phase, tab, onTab } = props;
  const { pass, total } = countChecks(phase.checks);
  const taken = phase.checks.filter(({ status, met }) => met && status !== 'pass').length;
  return (
    <Card
      flush
      title="Evidence"
      hint={total === 0 ? 'no checks' : `${pass} of ${total} checks pass${taken > 0 ? `, ${taken} acknowledged` : ''}`}
      aside={<Segmented label="Evidence shows" value={tab} onChange={onTab} options={TABS} />}
    >
      {tab === 'checks' && (
        <div className="@container">
          <Checks {...props} />
        </div>
      )}
      {tab === 'rollback' && <Rollback rollback={phase.rollback} checks={phase.checks} />}
      {tab === 'history' && <History entries={phase.history} />}
    </Card>
  );
}
interface EvidenceCardProps {
  phase: PhaseDetail;
  tab: EvidenceTab;
  onTab: (tab: EvidenceTab) => void;
  /** Id of the check whose drawer is open. */
  check: string | null;
  onCheck: (check: string | null) => void;
  /** Id of the check whose figure is drawn, when a person chose one. */
  figure: string | null;
  onFigure: (check: string) => void;
  mayEdit: boolean;
  change: Change;
  onRead: () => void;
}

function Checks({ phase, check, onCheck, figure, onFigure, mayEdit, change, onRead }: EvidenceCardProps) {
  const now = useNow();
  const series = chosenSeries(phase.series, phase.checks, figure);
  const drawable = phase.series.filter(({ points }) => points.length > 1);
  return (
    <>
      {series && (
        <div className="flex flex-col gap-1.5 border-b border-line px-4 pt-2.5 pb-2">
          <div className="flex items-center justify-between gap-3">
            {drawable.length > 1 ? (
              <select
                aria-label="Figure drawn"
                value={series.check}
                onChange={(event) => onFigure(event.target.value)}
                className={`${inputClass} -ml-3.5 max-w-full min-w-0 border-transparent font-label`}
              >
                {drawable.map((one) => (
                  <option key={one.check} value={one.check}>
                    {visibleLine(one.title)}
                  </option>
                ))}
              </select>
            ) : (
              <h3 className="text-13 font-label">{visibleLine(series.title)}</h3>
            )}
            <FailsSince series={series} now={now} />
          </div>
          <SeriesChart key={series.check} series={series} needs={needsOf(phase.checks, series.check)} now={now} />
        </div>
      )}
      {phase.checks.length === 0 ? (
        <Empty title="This phase has no checks">Its gate rests on the ticked steps and on people alone.</Empty>
      ) : (
        <ChecksTable checks={phase.checks} evaluatedAt={phase.evaluatedAt} selected={check} onSelect={onCheck} />
      )}
      <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2 text-12 text-ink-3">
        <p className="min-w-0 flex-1 basis-52">
          {phase.evaluatedAt === undefined ? (
            'Evidence has not been read yet.'
          ) : (
            <>
              Evidence read <Time at={phase.evaluatedAt} />, again every 5 min and before each decision.
            </>
          )}
          {phase.evaluationProblem !== undefined && (
            <span className="mt-1 flex items-baseline gap-1.5 text-ink-2">
              <Mark name="gap" className="translate-y-0.5" />
              <span className="wrap-anywhere">The last try failed: {visibleLine(phase.evaluationProblem)}</span>
            </span>
          )}
        </p>
        {mayEdit && (
          <Button look="quiet" size="sm" disabled={change.busy} onClick={onRead}>
            <RefreshCw size={12} aria-hidden="true" />
            Read now
          </Button>
        )}
      </div>
      {change.problem && <Failed problem={change.problem} className="border-t border-line" />}
    </>
  );
}

const needsOf = (checks: readonly PhaseCheck[], check: string): string =>
  visibleLine(checks.find(({ id }) => id === check)?.needs ?? '');

/** Since when the newest points fail: the reason to look at this figure first. */
function FailsSince({ series, now }: { series: CheckSeries; now: number }) {
  const since = failingSince(series.points);
  if (since === undefined) return null;
  return (
    <p className="shrink-0 text-12 text-drop-text">
      fails since {shortTime(since, now)}
      {since === series.points[0]?.at && ' or before'}
    </p>
  );
}
