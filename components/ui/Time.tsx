'use client';
import { useNow } from '#components/live/use-now.ts';
import { clock, relative, utc, utcAndLocal } from './format.ts';
import { Unknown } from './Num.tsx';

/** A time: relative, with the exact UTC and local time on hover. Before the browser's clock is known it is the exact UTC time. */
export function Time({ at, why = 'never', className }: { at: number | undefined; why?: string; className?: string }) {
  const now = useNow();
  if (at === undefined) return <Unknown why={why} className={className} />;
  return (
    <time dateTime={new Date(at).toISOString()} title={now === 0 ? utc(at) : utcAndLocal(at)} className={className}>
      {now === 0 ? utc(at) : relative(at, now)}
    </time>
  );
}

/** A time of day, `14:03`, with the exact one on hover. */
export function ClockTime({ at, className }: { at: number; className?: string }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={utc(at)} className={className}>
      {clock(at)}
    </time>
  );
}
