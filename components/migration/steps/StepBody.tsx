'use client';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import type { PhaseCheck, PhaseStep } from '#lib/api/migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Time } from '#components/ui/Time.tsx';
import type { Change } from '../use-migration.ts';
import { CommandBlock } from './CommandBlock.tsx';
import { evidenceWords } from './step-view.ts';

/** What a step is for, its commands, how to undo it, its checks, and the tick. */
export function StepBody({ step, checks, mayEdit, change, onTick, onCheck }: StepBodyProps) {
  const [undo, setUndo] = useState(false);
  const own = checks.filter(({ id }) => step.checks.includes(id));
  return (
    <div className="flex min-w-0 flex-col gap-3 px-4 pt-1 pb-4 pl-9.5">
      <p className="text-13 text-ink-2">{visibleLine(step.why)}</p>
      <p className="text-12 text-ink-3">
        For an {step.role}. Leaves behind: {evidenceWords(step.evidence)}.
      </p>
      {step.commands.map((command) => (
        <CommandBlock key={`${command.title} ${command.text}`} command={command} />
      ))}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-13">
        {step.undo.length > 0 && (
          <button
            type="button"
            aria-expanded={undo}
            onClick={() => setUndo(!undo)}
            className="ring-focus min-h-6 rounded-sm text-accent-text hover:underline"
          >
            How to undo
          </button>
        )}
        {step.links.map(({ title, url }) => (
          <a
            key={url}
            href={url}
            target="_blank"
            rel="noreferrer"
            className="ring-focus inline-flex min-h-6 items-center gap-1 rounded-sm text-accent-text hover:underline"
          >
            {visibleLine(title)}
            <ExternalLink size={12} aria-hidden="true" />
            <span className="sr-only">(opens another site)</span>
          </a>
        ))}
      </div>
      {undo && (
        <div className="flex flex-col gap-2 border-l-2 border-line-strong pl-3">
          {step.undo.map((command) => (
            <CommandBlock key={`${command.title} ${command.text}`} command={command} />
          ))}
        </div>
      )}
      {own.length > 0 && (
        <ul aria-label="Checks of this step" className="flex flex-col">
          {own.map((check) => (
            <li key={check.id}>
              <button
                type="button"
                onClick={() => onCheck(check.id)}
                className="ring-focus grid min-h-6 w-full grid-cols-[12px_minmax(0,1fr)_auto] items-baseline gap-x-2 rounded-sm text-left text-12 hover:underline"
              >
                <Mark name={check.status} label={check.status} className="translate-y-0.5" />
                <span>{visibleLine(check.title)}</span>
                <span className="num text-ink-3">{visibleLine(check.value)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Tick key={step.version} step={step} mayEdit={mayEdit} busy={change.busy} onTick={onTick} />
      {change.problem && <Failed problem={change.problem} className="p-0" />}
    </div>
  );
}
interface StepBodyProps {
  step: PhaseStep;
  checks: readonly PhaseCheck[];
  mayEdit: boolean;
  change: Change;
  onTick: (done: boolean, note: string) => void;
  onCheck: (check: string) => void;
}

function Tick({ step, mayEdit, busy, onTick }: TickProps) {
  const [note, setNote] = useState('');
  if (step.done) {
    return (
      <div className="flex flex-wrap items-start justify-between gap-2 rounded-md border border-line px-3 py-2 text-12">
        <p className="min-w-0 flex-1 basis-40 wrap-anywhere">
          Ticked by {visibleLine(step.done.by.name)}, <Time at={step.done.at} />
          {step.done.note !== '' && <span className="block text-ink-2">“{visibleLine(step.done.note)}”</span>}
        </p>
        {mayEdit && (
          <Button size="sm" disabled={busy} onClick={() => onTick(false, '')}>
            Take back
          </Button>
        )}
      </div>
    );
  }
  if (!mayEdit) return <p className="text-12 text-ink-3">Not ticked yet. An operator of this cluster can.</p>;
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onTick(true, note);
      }}
    >
      <input
        value={note}
        onChange={(event) => setNote(event.target.value)}
        aria-label={`Note on ${step.title}`}
        placeholder="Note, e.g. the change number"
        maxLength={2000}
        className={inputClass}
      />
      <Button type="submit" disabled={busy} className="self-start">
        Tick as done
      </Button>
    </form>
  );
}
interface TickProps {
  step: PhaseStep;
  mayEdit: boolean;
  busy: boolean;
  onTick: (done: boolean, note: string) => void;
}
