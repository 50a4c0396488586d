import { gapWhy, wasSeenLive } from '#components/live/gap-words.ts';
import { clock, clockMs, duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { COLUMN_COUNT, restCells } from './FlowRow.tsx';
import type { Row } from './flow-rows.ts';

/** A line that says what is missing at this place: a gap, or flows that were not shown. */
export function NoteRow({ row, index, height, narrow }: NoteRowProps) {
  return (
    <tr aria-rowindex={index + 2} className={cx('bg-audit-tint', narrow && 'block')}>
      <td
        colSpan={COLUMN_COUNT}
        style={{ height }}
        className={cx('border-b border-line px-4 text-ink-2', narrow && 'flex items-center')}
      >
        <span className="flex min-w-0 items-center gap-2" title={noteText(row)}>
          <Mark name="gap" />
          <span className={narrow ? 'line-clamp-2' : 'truncate'}>{noteText(row)}</span>
        </span>
      </td>
      {!narrow && restCells('border-b border-line')}
    </tr>
  );
}
interface NoteRowProps {
  row: Exclude<Row, { kind: 'flow' }>;
  index: number;
  height: number;
  narrow: boolean;
}

/** What is missing, how much of it, and why. */
export function noteText(row: Exclude<Row, { kind: 'flow' }>): string {
  if (row.kind === 'gap') {
    const { from, to, reason, nodeName } = row.gap;
    const what = `${duration(to - from)}${nodeName ? ` on ${nodeName}` : ''}, ${clockMs(from).slice(0, 8)} to ${clockMs(to).slice(0, 8)}`;
    return wasSeenLive(reason)
      ? `No history of ${what}: ${gapWhy(reason)}. These flows were shown as they came and are not counted in charts and sums.`
      : `Gap of ${what}: ${gapWhy(reason)}. These flows cannot be had any more.`;
  }
  const flows = `${exact(row.flows)} ${row.flows === 1 ? 'flow' : 'flows'}`;
  if (row.why === 'slow') return `${flows} not sent: this browser reads more slowly than they come. Counts stay exact.`;
  return `${flows} before ${clock(row.time)} came while you read and are not kept here. Narrow the filter, or save a capture to keep all.`;
}
