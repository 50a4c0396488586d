'use client';
import { useId, useState } from 'react';
import { FINDING_STATES, FindingEntry } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { callApi } from '#components/live/api.ts';
import { useAction } from '#components/settings/use-action.ts';
import { Button } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { type FindingState, STATE_LOOK } from './finding-words.ts';

/**
 * What becomes of a finding, and why: saved with who said so. What is written here stays when somebody else changes the finding meanwhile: that is told,
 * and theirs is taken over only when one asks for it.
 */
export function TriageForm({ finding, onSaved }: TriageFormProps) {
  const [base, setBase] = useState(finding);
  const [state, setState] = useState<FindingState>(finding.state);
  const [note, setNote] = useState(finding.note);
  const { busy, problem, run, clear } = useAction();
  const name = useId();
  const needsNote = state === 'expected' && note.trim() === '';
  const unchanged = state === base.state && note.trim() === base.note;
  const isOld = finding.version > base.version;
  const startFrom = (entry: FindingEntry) => {
    setBase(entry);
    setState(entry.state);
    setNote(entry.note);
    clear();
  };
  const save = () =>
    run(async () => {
      const { body } = await callApi(`/api/v1/findings/${encodeURIComponent(base.id)}`, FindingEntry, {
        method: 'PUT',
        json: { state, note: note.trim(), version: base.version },
      });
      startFrom(body);
    }).then(onSaved);
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!needsNote && !unchanged && !busy) void save();
      }}
    >
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-12 font-label text-ink-2">What becomes of it</legend>
        {FINDING_STATES.map((value) => (
          <div key={value} className="flex min-h-9 items-start gap-2 py-1 md:min-h-7">
            <input
              type="radio"
              id={`${name}-${value}`}
              name={name}
              value={value}
              checked={state === value}
              onChange={() => setState(value)}
              aria-describedby={`${name}-${value}-means`}
              className="ring-focus mt-0.5 size-4 shrink-0 accent-(--accent)"
            />
            <div className="min-w-0 text-13">
              <label htmlFor={`${name}-${value}`} className="inline-flex items-center gap-1.5 font-label">
                <Mark name={STATE_LOOK[value].mark} />
                {STATE_LOOK[value].name}
              </label>
              <p id={`${name}-${value}-means`} className="text-12 text-ink-3">
                {STATE_LOOK[value].means}
              </p>
            </div>
          </div>
        ))}
      </fieldset>
      <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
        Note
        <textarea
          value={note}
          onChange={({ target }) => setNote(target.value)}
          maxLength={2000}
          rows={3}
          aria-describedby={`${name}-hint`}
          className={cx(inputClass, 'h-auto! resize-y py-1.5')}
        />
      </label>
      <p id={`${name}-hint`} className="-mt-2 text-12 text-ink-3">
        {needsNote ? 'Say why it is expected.' : 'Goes into the audit log with your name.'}
      </p>
      {isOld && (
        <div role="alert" className="flex flex-col items-start gap-2 rounded-md border border-line p-3 text-13">
          <p>
            {visibleText(finding.changedBy ?? 'Causeway')} changed this finding meanwhile: it is{' '}
            {STATE_LOOK[finding.state].name.toLowerCase()} now. What you wrote is not saved.
          </p>
          <Button size="sm" onClick={() => startFrom(finding)}>
            Start from that
          </Button>
        </div>
      )}
      {problem && !isOld && <Failed problem={problem} className="rounded-md border border-line" />}
      <div>
        <Button look="primary" type="submit" disabled={busy || needsNote || unchanged}>
          {busy ? 'Saving' : 'Save'}
        </Button>
      </div>
    </form>
  );
}
interface TriageFormProps {
  /** As it is now. */
  finding: FindingEntry;
  /** It was saved, or could not be: it is to be read anew. */
  onSaved: () => void;
}
