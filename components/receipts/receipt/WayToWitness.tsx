'use client';
import { useId, useState } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { cx } from '#components/ui/cx.ts';
import type { Way } from './way.ts';

/** Five stops from the flow’s leaf to whoever else saw the head, and on demand every hash between them. */
export function WayToWitness({ way: { stops, hashes } }: { way: Way }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const total = hashes.reduce((sum, part) => sum + part.hashes.length, 0);
  return (
    <section aria-labelledby={id} className="w-full max-w-[736px]">
      <div className="mb-3 flex items-baseline justify-between gap-3">
        <h2 id={id} className="text-14 font-title">
          From this flow to the witness
        </h2>
        {total > 0 && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="ring-focus min-h-6 rounded-sm text-13 text-accent-text hover:underline print:hidden"
          >
            {open ? 'Hide the hashes' : total === 1 ? 'Show the hash' : `Show all ${total} hashes`}
          </button>
        )}
      </div>
      <ol className="grid gap-y-3 sm:grid-cols-5">
        {stops.map((stop, index) => (
          <li key={stop.name} className="relative min-w-0 pl-6 text-12 sm:pt-5 sm:pr-3 sm:pl-0">
            {index < stops.length - 1 && (
              <span
                aria-hidden="true"
                className={cx(
                  'absolute max-sm:top-4 max-sm:-bottom-3 max-sm:left-[5px] max-sm:border-l sm:top-[5px] sm:right-1 sm:left-4 sm:border-t',
                  stops[index + 1]?.reached ? 'border-fwd-text' : 'border-dashed border-control-line',
                )}
              />
            )}
            <span
              aria-hidden="true"
              className={cx(
                'absolute top-1 left-0 size-[11px] rounded-full border-2 bg-surface sm:top-0',
                stop.reached ? 'border-fwd-text' : 'border-dashed border-control-line',
              )}
            />
            <span className={cx('block text-13 font-label', !stop.reached && 'text-ink-3')}>{stop.name}</span>
            <span className="block font-mono wrap-anywhere text-ink-2">{visibleText(stop.value)}</span>
            <span className="block wrap-anywhere text-ink-3">{visibleText(stop.detail)}</span>
          </li>
        ))}
      </ol>
      {open && (
        <div className="mt-4 flex flex-col gap-3 rounded-md border border-line bg-surface p-4">
          {hashes.map((part) => (
            <div key={part.name}>
              <h3 className="text-12 text-ink-3">{part.name}</h3>
              {part.hashes.length === 0 ? (
                <p className="text-12 text-ink-3">none: what it leads from is what it leads to</p>
              ) : (
                <ol className="font-mono text-12 wrap-anywhere">
                  {part.hashes.map((hash) => (
                    <li key={hash}>{hash}</li>
                  ))}
                </ol>
              )}
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
