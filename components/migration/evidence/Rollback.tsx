'use client';
import type { PhaseCheck, PhaseDetail } from '#lib/api/migration.ts';
import { Chip } from '#components/ui/Chip.tsx';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { CommandBlock } from '../steps/CommandBlock.tsx';
import { visibleLine, visibleLines } from '../visible-lines.ts';

const EFFORT = {
  easy: 'easy: minutes',
  medium: 'medium: workloads restart',
  hard: 'hard: takes nodes away, cannot be done in minutes',
} as const;

const OUTCOME: Readonly<Record<PhaseDetail['rollback']['records'][number]['outcome'], { mark: MarkName; words: string }>> = {
  running: { mark: 'stale', words: 'running' },
  'rolled-back': { mark: 'pass', words: 'rolled back' },
  failed: { mark: 'fail', words: 'failed' },
};

/** How to go back: who may start it and when, the commands in order, what to look at, and each time it was done. */
export function Rollback({ rollback, checks }: { rollback: PhaseDetail['rollback']; checks: readonly PhaseCheck[] }) {
  const titleOf = (check: string) => checks.find(({ id }) => id === check)?.title ?? check;
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex flex-col gap-1">
        <p className="flex flex-wrap items-center gap-2 text-13">
          <Chip tone={rollback.effort === 'hard' ? 'drop' : 'neutral'}>
            {rollback.effort === 'hard' && <Mark name="advice" className="text-current" />}
            {EFFORT[rollback.effort]}
          </Chip>
          <span className="text-12 text-ink-3">started by {rollback.startedBy.map(visibleLine).join(', ')}</span>
        </p>
        <p className="text-13 text-ink-2">{visibleLine(rollback.trigger)}</p>
      </div>
      <ol className="flex flex-col gap-3">
        {rollback.steps.map((command) => (
          <li key={`${command.title} ${command.text}`}>
            <CommandBlock command={command} />
          </li>
        ))}
      </ol>
      {rollback.after.length > 0 && (
        <section>
          <h3 className="mb-1 text-13 font-title">Look at afterwards</h3>
          <ul className="list-disc pl-5 text-13 text-ink-2">
            {rollback.after.map((line) => (
              <li key={line}>{visibleLine(line)}</li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3 className="mb-1 text-13 font-title">Done so far</h3>
        {rollback.records.length === 0 ? (
          <p className="text-13 text-ink-3">Never, in this environment.</p>
        ) : (
          <ol className="flex flex-col">
            {rollback.records.map((record) => {
              const { mark, words } = OUTCOME[record.outcome];
              return (
                <li key={record.id} className="flex flex-col gap-1 border-t border-line py-2 text-13">
                  <p className="flex flex-wrap items-baseline gap-2">
                    <Mark name={mark} className="translate-y-0.5" />
                    <span className="font-label">{words}</span>
                    <span className="text-12 text-ink-3">
                      begun <Time at={record.startedAt} /> by {visibleLine(record.by.name)}
                      {record.endedAt !== undefined && (
                        <>
                          , ended <Time at={record.endedAt} />
                          {record.endedBy !== undefined && ` by ${visibleLine(record.endedBy.name)}`}
                        </>
                      )}
                    </span>
                  </p>
                  <p className="wrap-anywhere whitespace-pre-line text-ink-2">Why: {visibleLines(record.trigger)}</p>
                  {record.observed !== '' && (
                    <p className="wrap-anywhere whitespace-pre-line text-ink-2">Observed: {visibleLines(record.observed)}</p>
                  )}
                  {record.checksAfter.length > 0 && (
                    <ul aria-label="Checks afterwards" className="flex flex-wrap gap-x-4 gap-y-1 text-12 text-ink-2">
                      {record.checksAfter.map(({ check, status, value }) => (
                        <li key={check} className="flex items-baseline gap-1.5">
                          <Mark name={status} label={status} className="translate-y-0.5" />
                          {visibleLine(titleOf(check))} {value !== '' && <span className="num">{visibleLine(value)}</span>}
                        </li>
                      ))}
                    </ul>
                  )}
                </li>
              );
            })}
          </ol>
        )}
      </section>
    </div>
  );
}
