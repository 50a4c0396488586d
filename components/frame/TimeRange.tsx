'use client';
import { ChevronDown, Clock } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { RANGES, rangeWords } from '#components/live/range.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button, buttonClass } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { clock, day } from '#components/ui/format.ts';
import { Popover } from '#components/ui/Popover.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';

/** The time that all views show: the last so much, moving, or a window of the past, standing still. */
export function TimeRange() {
  const view = useConsole();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      label="Time range"
      className="w-64 p-1"
      trigger={
        <button type="button" className={buttonClass('plain')}>
          <Clock size={14} aria-hidden="true" className="text-ink-2" />
          <span className="sr-only">Time range: </span>
          {view.from === null ? `Last ${rangeWords(view.range)}` : windowWords(view.from, view.to)}
          <ChevronDown size={14} aria-hidden="true" className="hidden text-ink-3 md:block" />
        </button>
      }
    >
      <ul>
        {RANGES.map((range) => (
          <li key={range}>
            <button
              type="button"
              aria-current={!view.past && view.range === range ? 'true' : undefined}
              className={cx(
                'ring-focus h-9 w-full rounded-sm px-2 text-left hover:bg-hover md:h-7',
                !view.past && view.range === range && 'bg-hover font-label',
              )}
              onClick={() => {
                setOpen(false);
                void view.setRange(range);
              }}
            >
              Last {rangeWords(range)}
            </button>
          </li>
        ))}
      </ul>
      <CustomWindow
        from={view.from}
        to={view.to}
        onChoose={(from, to) => {
          setOpen(false);
          void view.setWindow(from, to);
        }}
      />
    </Popover>
  );
}

function CustomWindow({
  from,
  to,
  onChoose,
}: {
  from: number | null;
  to: number | null;
  onChoose: (from: number, to: number) => void;
}) {
  const [problem, setProblem] = useState('');
  const [now] = useState(() => Date.now());
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [start, end] = [msOfField(form.get('from')), msOfField(form.get('to'))];
    if (!Number.isFinite(start) || !Number.isFinite(end)) setProblem('Give both times.');
    else if (start >= end) setProblem('The first time must be before the second.');
    else onChoose(start, end);
  };
  return (
    <form onSubmit={submit} className="mt-1 flex flex-col gap-2 border-t border-line p-2">
      <label className="flex flex-col gap-1 text-12 text-ink-3">
        From (UTC)
        <input
          type="datetime-local"
          name="from"
          required
          defaultValue={fieldOfMs(from ?? now - 3_600_000)}
          className={inputClass}
        />
      </label>
      <label className="flex flex-col gap-1 text-12 text-ink-3">
        To (UTC)
        <input type="datetime-local" name="to" required defaultValue={fieldOfMs(to ?? now)} className={inputClass} />
      </label>
      {problem !== '' && (
        <p role="alert" className="text-12 text-drop-text">
          {problem}
        </p>
      )}
      <Button type="submit">Show this time</Button>
    </form>
  );
}

/** `13:03–14:03`, with the day where it is not one and the same. */
function windowWords(from: number, to: number | null): string {
  if (to === null) return `Since ${day(from)} ${clock(from)}`;
  return day(from) === day(to)
    ? `${day(from)} ${clock(from)}–${clock(to)}`
    : `${day(from)} ${clock(from)} – ${day(to)} ${clock(to)}`;
}

const fieldOfMs = (ms: number) => new Date(ms).toISOString().slice(0, 16);
const msOfField = (value: FormDataEntryValue | null) => (typeof value === 'string' ? Date.parse(`${value}Z`) : Number.NaN);
