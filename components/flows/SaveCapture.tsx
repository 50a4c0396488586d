'use client';
import { Circle } from 'lucide-react';
import Link from 'next/link';
import { type FormEvent, useId, useState } from 'react';
import type { Capture } from '#lib/api/captures.ts';
import type { Problem } from '#lib/api/common.ts';
import { problemOf } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Popover } from '#components/ui/Popover.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { cx } from '#components/ui/cx.ts';
import { utc } from '#components/ui/format.ts';
import { recordCapture } from './capture-api.ts';

const LENGTHS = [
  { value: '0', label: 'What is held' },
  { value: '30', label: 'Next 30 s' },
  { value: '300', label: 'Next 5 min' },
] as const;
type Length = (typeof LENGTHS)[number]['value'];

/** What and when: a name that can be kept or written over. */
const suggestedName = (filter: string, at: number): string => `${filter.trim().slice(0, 60) || 'All flows'}, ${utc(at)}`;

/** Keeps what matches the filter for good: the flows held now, or those of the next seconds. */
export function SaveCapture({ cluster, filter }: { cluster: string; filter: string }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [length, setLength] = useState<Length>('0');
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState<Capture>();
  const [problem, setProblem] = useState<Problem>();

  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      setSaved(await recordCapture(cluster, { name: name.trim(), filter, seconds: Number(length) }));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    if (!next) return;
    setName(suggestedName(filter, Date.now()));
    setSaved(undefined);
    setProblem(undefined);
  };
  return (
    <Popover
      label="Save as capture"
      open={open}
      onOpenChange={onOpenChange}
      trigger={
        <Button size="sm">
          <Circle size={12} aria-hidden="true" />
          Save as capture
        </Button>
      }
      className="w-92"
    >
      {saved ? (
        <div className="flex flex-col items-start gap-2 p-4">
          <output className="text-13 font-title">
            {saved.state === 'running' ? 'Recording' : 'Saved'}: {saved.name}
          </output>
          <p className="text-13 text-ink-2">
            {saved.state === 'running'
              ? 'It goes on without this page.'
              : `${saved.flows.toLocaleString('en-US')} flows are kept.`}
          </p>
          <p className="flex gap-4 text-13 text-accent-text">
            {saved.state === 'complete' && (
              <Link
                className="ring-focus rounded-sm hover:underline"
                href={`/c/${encodeURIComponent(cluster)}/flows?capture=${encodeURIComponent(saved.id)}`}
              >
                Open it
              </Link>
            )}
            <Link className="ring-focus rounded-sm hover:underline" href={`/c/${encodeURIComponent(cluster)}/flows/captures`}>
              Open captures
            </Link>
          </p>
        </div>
      ) : (
        <form onSubmit={onSubmit} className="flex flex-col gap-3 p-4">
          <div className="flex flex-col gap-1">
            <label htmlFor={id} className="text-12 font-label text-ink-2">
              Name
            </label>
            <input
              id={id}
              required
              maxLength={100}
              value={name}
              onFocus={(event) => event.target.select()}
              onChange={(event) => setName(event.target.value)}
              className={cx(inputClass, 'w-full')}
            />
          </div>
          <div className="flex flex-col gap-1">
            <span className="text-12 font-label text-ink-2">Flows</span>
            <Segmented label="Flows to keep" value={length} onChange={setLength} options={LENGTHS} />
          </div>
          <p className="text-12 text-ink-3">
            {filter.trim() === '' ? (
              'All flows of the cluster.'
            ) : (
              <>
                Those that match <code className="font-mono wrap-anywhere">{filter}</code>
              </>
            )}{' '}
            At most 2,000,000.
          </p>
          {problem && <Failed problem={problem} className="p-0" />}
          <Button look="primary" type="submit" disabled={busy || name.trim() === ''} className="self-start">
            {busy ? 'Saving' : length === '0' ? 'Save capture' : 'Start recording'}
          </Button>
        </form>
      )}
    </Popover>
  );
}
