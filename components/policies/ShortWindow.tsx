'use client';
import { rangeMs, rangeWords } from '#components/live/range.ts';
import type { Console } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';

/** Minutes of traffic say little about a policy: says so, and offers more. */
export function ShortWindow({ view, className }: { view: Console; className?: string }) {
  if (view.past || view.capture !== null || rangeMs(view.range) > 3 * 3_600_000) return null;
  return (
    <p className={cx('flex flex-wrap items-center gap-x-2 gap-y-1 text-12 text-ink-2', className)}>
      <span>
        <Mark name="advice" className="mr-2 inline" />
        Only the last {rangeWords(view.range)} are looked at: what runs rarely is not in them.
      </span>
      <Button size="sm" onClick={() => void view.setRange('24h')}>
        Last 24 h
      </Button>
      <Button size="sm" onClick={() => void view.setRange('7d')}>
        Last 7 d
      </Button>
    </p>
  );
}
