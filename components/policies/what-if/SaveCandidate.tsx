'use client';
import { type FormEvent, useId, useState } from 'react';
import { PolicySet, PolicySetInput } from '#lib/api/policies.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import type { Console } from '#components/live/use-console.ts';
import { Confirm } from '#components/settings/Confirm.tsx';
import { useAction } from '#components/settings/use-action.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { cx } from '#components/ui/cx.ts';
import type { Candidate } from './judge-messages.ts';

/** Stores the candidate, new or over the one it comes from; watched, it is judged minute by minute from then on. */
export function SaveCandidate(props: SaveProps) {
  const { open, onOpenChange } = props;
  return (
    <Popover
      label="Save as candidate"
      align="end"
      open={open}
      onOpenChange={onOpenChange}
      className="w-92"
      trigger={<Button look="primary">{props.stored ? 'Save' : 'Save as candidate'}</Button>}
    >
      <SaveForm {...props} />
    </Popover>
  );
}
interface SaveProps {
  open: boolean;
  /** It was opened to watch: the box is ticked. */
  watch: boolean;
  onOpenChange: (open: boolean) => void;
  candidate: Candidate;
  stored: PolicySet | undefined;
  etag: string | undefined;
  view: Console;
  /** It went well; `id` of what was stored, undefined when it was deleted. */
  onSaved: (id: string | undefined) => void;
}

function SaveForm({ watch, candidate, stored, etag, view, onSaved, onOpenChange }: SaveProps) {
  const id = useId();
  const [name, setName] = useState(stored?.name ?? '');
  const [description, setDescription] = useState(stored?.description ?? '');
  const [watched, setWatched] = useState(watch || (stored?.watched ?? false));
  const [alertAt, setAlertAt] = useState(stored?.alertAt === undefined ? '' : String(stored.alertAt));
  const [wrong, setWrong] = useState('');
  const { busy, problem, run } = useAction();

  const input = () =>
    PolicySetInput.safeParse({
      name: name.trim(),
      description,
      mode: candidate.mode,
      removes: candidate.removes,
      yaml: candidate.text,
      watched,
      ...(watched && alertAt.trim() !== '' ? { alertAt: Number(alertAt) } : {}),
    });
  const save = async (over: boolean) => {
    const parsed = input();
    setWrong(parsed.success ? '' : 'A name of one line is needed, and a whole number above 0 for the alert.');
    if (!parsed.success) return;
    await run(async () => {
      const url = `${view.api}/policy-sets`;
      const { body } =
        over && stored
          ? await callApi(`${url}/${encodeURIComponent(stored.id)}`, PolicySet, {
              method: 'PUT',
              json: parsed.data,
              ...(etag === undefined ? {} : { headers: { 'if-match': etag } }),
            })
          : await callApi(url, PolicySet, {
              method: 'POST',
              json: parsed.data,
              headers: { 'idempotency-key': crypto.randomUUID() },
            });
      onOpenChange(false);
      onSaved(body.id);
    });
  };
  const remove = async () => {
    if (!stored) return;
    await callApi(`${view.api}/policy-sets/${encodeURIComponent(stored.id)}`, NO_BODY, { method: 'DELETE' });
    onOpenChange(false);
    onSaved(undefined);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void save(stored !== undefined);
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-3 p-4">
      <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
        Name
        <input
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="ledger-lockdown"
          className={cx(inputClass, 'w-full')}
        />
      </label>
      <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
        Description
        <input
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
          className={cx(inputClass, 'w-full')}
        />
      </label>
      <label className="flex items-start gap-2 text-13">
        <input
          type="checkbox"
          checked={watched}
          onChange={(event) => setWatched(event.target.checked)}
          className="ring-focus mt-0.5 size-4 shrink-0 accent-accent"
        />
        <span>
          Watch it
          <span className="block text-12 text-ink-3">
            Each minute of traffic is judged by it and what it would have denied is counted. Nothing is applied.
          </span>
        </span>
      </label>
      {watched && (
        <label className="flex items-center gap-2 text-12 text-ink-2">
          <span className="whitespace-nowrap">Alert from</span>
          <input
            inputMode="numeric"
            value={alertAt}
            onChange={(event) => setAlertAt(event.target.value)}
            aria-describedby={id}
            className={cx(inputClass, 'w-16 shrink-0 font-mono text-12')}
          />
          <span id={id}>denied flows a minute; empty: never</span>
        </label>
      )}
      {wrong !== '' && (
        <p role="alert" className="text-12 text-drop-text">
          {wrong}
        </p>
      )}
      {problem && <Failed problem={problem} className="p-0" />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" type="submit" disabled={busy || name.trim() === ''}>
          {busy ? 'Saving' : stored ? 'Save changes' : 'Save candidate'}
        </Button>
        {stored && (
          <Button disabled={busy || name.trim() === ''} onClick={() => void save(false)}>
            Save as a new one
          </Button>
        )}
      </div>
      {stored && (
        <div className="border-t border-line pt-3">
          <Confirm
            button="Delete"
            question={`Delete ${stored.name}?`}
            effect="The candidate goes, with all that was counted of it. Policies in force are not touched."
            action={remove}
          />
        </div>
      )}
    </form>
  );
}
