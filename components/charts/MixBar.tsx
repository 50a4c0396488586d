import type { VerdictCounts } from '#lib/topology/topology.ts';
import { VERDICTS, type Verdict } from '#lib/flow/flow.ts';
import { VERDICT_LOOK } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact, percent } from '#components/ui/format.ts';
import { BACKGROUND } from './tones.ts';

/** Order of verdicts wherever several stand side by side: what went through first, what was refused last. */
export const VERDICT_ORDER: readonly Verdict[] = [
  'FORWARDED',
  'REDIRECTED',
  'TRACED',
  'TRANSLATED',
  'AUDIT',
  'ERROR',
  'DROPPED',
  'VERDICT_UNKNOWN',
];

/** Verdicts that occurred, in that order, with their share. */
export function verdictParts(verdicts: VerdictCounts) {
  const total = VERDICTS.reduce((sum, verdict) => sum + (verdicts[verdict] ?? 0), 0);
  return VERDICT_ORDER.flatMap((verdict) => {
    const count = verdicts[verdict] ?? 0;
    return count > 0 ? [{ verdict, count, total, share: percent(count, total) ?? '' }] : [];
  });
}

/** The mix of verdicts as one bar; its text says the counts. Nothing seen is an empty bar. */
export function MixBar({ verdicts, height = 8, className }: { verdicts: VerdictCounts; height?: 4 | 8; className?: string }) {
  const parts = verdictParts(verdicts);
  const named =
    parts.length === 0
      ? 'no flows'
      : parts.map(({ verdict, count, share }) => `${verdict} ${exact(count)} (${share})`).join(', ');
  return (
    <span
      title={named}
      className={cx('relative flex w-full gap-px overflow-hidden rounded-sm bg-hover', height === 8 ? 'h-2' : 'h-1', className)}
    >
      <span className="sr-only">{named}</span>
      {parts.map(({ verdict, count }) => (
        // A part that is there is seen: at least two pixels, however small its share.
        <span
          key={verdict}
          className={cx('min-w-0.5', BACKGROUND[VERDICT_LOOK[verdict].role])}
          style={{ flexGrow: count, flexBasis: 0 }}
        />
      ))}
    </span>
  );
}
