import type { DirectionVerdict } from '#lib/api/policies.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';

export type Judged = DirectionVerdict['verdict'];

/** How a judgement looks: the marks and colours of the verdicts that it expects. */
export const JUDGED_LOOK: Readonly<
  Record<Judged, { mark: MarkName; text: string; tone: 'fwd' | 'drop' | 'neutral' | 'error'; word: string }>
> = {
  allowed: { mark: 'forwarded', text: 'text-fwd-text', tone: 'fwd', word: 'allowed' },
  denied: { mark: 'dropped', text: 'text-drop-text', tone: 'drop', word: 'denied' },
  unknown: { mark: 'unknown', text: 'text-ink-2', tone: 'neutral', word: 'unknown' },
  error: { mark: 'error', text: 'text-error-text', tone: 'error', word: 'policy error' },
};

/** Mark and word of what the policies say. */
export function Judgement({ verdict, className }: { verdict: Judged; className?: string }) {
  const { mark, text, word } = JUDGED_LOOK[verdict];
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', text, className)}>
      <Mark name={mark} />
      {word}
    </span>
  );
}
