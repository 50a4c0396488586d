import type { CheckStatus } from '#lib/migration/model.ts';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { STATUS_ORDER, type StatusCounts } from './preflight-view.ts';

const TONES: Record<CheckStatus, string> = { pass: 'text-fwd-text', fail: 'text-drop-text', unknown: 'text-trace-text' };

/** Mark and word of what a check says. */
export const CheckWord = ({ status, className }: { status: CheckStatus; className?: string }) => (
  <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', TONES[status], className)}>
    <Mark name={status} />
    {status}
  </span>
);

/** `✕ 2  ? 1  ✓ 5`: how many checks say what; what none says is left out. */
export function CheckCounts({ counts, className }: { counts: StatusCounts; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-2.5 text-12', className)}>
      {STATUS_ORDER.filter((status) => counts[status] > 0).map((status) => (
        <span key={status} className={cx('num inline-flex items-center gap-1', TONES[status])}>
          <Mark name={status} />
          {exact(counts[status])}
          <span className="sr-only"> {status}</span>
        </span>
      ))}
    </span>
  );
}
