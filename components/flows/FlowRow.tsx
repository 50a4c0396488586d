import { type ReactNode, memo } from 'react';
import { clockMs, utcAndLocal } from '#components/ui/format.ts';
import { VerdictMark, VerdictText } from '#components/ui/Mark.tsx';
import { EndpointName } from '#components/ui/EndpointName.tsx';
import { cx } from '#components/ui/cx.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { type FlowCells, cellsOf } from './flow-cells.ts';

/** Pixels; the phone's row is a card of two lines. */
export const ROW_HEIGHT = 28;
export const ROW_HEIGHT_PHONE = 56;

/** Columns that come in when the table is wide enough; the reason then leaves the summary for a column of its own. */
const WIDE = 'hidden @4xl/table:table-cell';
const WIDER = 'hidden @6xl/table:table-cell';
const WIDEST = 'hidden @7xl/table:table-cell';

const COLUMNS: readonly { readonly name: string; readonly className: string }[] = [
  { name: 'Time, UTC', className: 'w-27 pl-4' },
  { name: 'Verdict', className: 'w-9 @4xl/table:w-28' },
  { name: 'Source → destination', className: 'w-[48%] @4xl/table:w-[34%] @6xl/table:w-[29%]' },
  { name: 'Port', className: 'w-22' },
  { name: 'Summary', className: '' },
  { name: 'Reason or policy', className: WIDE },
  { name: 'Direction', className: cx(WIDEST, 'w-18') },
  { name: 'Node', className: cx(WIDER, 'w-33') },
];
/** Columns that are there at every width: a cell that spans more would make columns of its own. */
export const COLUMN_COUNT = COLUMNS.length - 3;

/** Cells that complete a row whose text spans the columns that are always there. */
export const restCells = (className: string): ReactNode =>
  // oxlint-disable-next-line jsx-a11y/control-has-associated-label -- empty on purpose
  COLUMNS.slice(COLUMN_COUNT).map((column) => <td key={column.name} className={cx(column.className, className)} />);

export function HeadRow({ narrow }: { narrow: boolean }) {
  return (
    <thead className={cx(narrow ? 'sr-only' : 'sticky top-0 z-10')}>
      <tr aria-rowindex={1}>
        {COLUMNS.map(({ name, className }) => (
          <th
            key={name}
            scope="col"
            className={cx('h-7 truncate border-b border-line bg-surface px-2 font-label text-ink-3', className)}
          >
            {name === 'Verdict' ? <span className="max-w-0 @max-4xl/table:sr-only">{name}</span> : name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** One flow. The whole row can be clicked; the time is its button for keyboard and screen reader. */
export const FlowRow = memo(function FlowRow({ flow, rowKey, index, narrow, selected, focusable, onOpen }: FlowRowProps) {
  const cells = cellsOf(flow);
  const Cells = narrow ? NarrowCells : WideCells;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the button of the row does the same for the keyboard
    <tr
      aria-rowindex={index + 2}
      aria-current={selected ? 'true' : undefined}
      data-row={index}
      onClick={() => onOpen(rowKey)}
      className={cx(
        'cursor-pointer',
        narrow &&
          'grid h-14 grid-cols-[12px_minmax(0,1fr)] content-center items-center gap-x-2 gap-y-1 border-b border-line px-3',
        selected ? 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]' : 'hover:bg-hover',
      )}
    >
      <Cells
        flow={flow}
        cells={cells}
        time={
          <button
            type="button"
            tabIndex={focusable ? 0 : -1}
            title={utcAndLocal(flow.time)}
            aria-label={`${clockMs(flow.time)} ${flow.verdict}, ${cells.source.full} to ${cells.destination.full}: open`}
            className="ring-focus num block rounded-sm text-ink-3"
          >
            {clockMs(flow.time)}
          </button>
        }
      />
    </tr>
  );
});
interface FlowRowProps {
  flow: Flow;
  rowKey: string;
  index: number;
  narrow: boolean;
  selected: boolean;
  /** Whether Tab stops at this row. */
  focusable: boolean;
  onOpen: (key: string) => void;
}

interface CellsProps {
  flow: Flow;
  cells: FlowCells;
  time: ReactNode;
}

const cell = 'h-7 truncate border-b border-line px-2';

function WideCells({ flow, cells, time }: CellsProps) {
  return (
    <>
      <td className={cx(cell, 'pl-4')}>{time}</td>
      <td className={cell}>
        <span className="flex @4xl/table:hidden">
          <VerdictMark verdict={flow.verdict} />
        </span>
        <VerdictText verdict={flow.verdict} className="hidden! @4xl/table:inline-flex!" />
      </td>
      <td className={cell}>
        <Pair cells={cells} />
      </td>
      <td className={cx(cell, 'font-mono text-ink-2')}>{cells.port}</td>
      <td className={cell} title={[cells.summary, cells.because.title].filter(Boolean).join('\n')}>
        <span className="font-mono">{cells.summary}</span>
        <span className={cx('ml-2 @4xl/table:hidden', becauseClass(cells))}>{cells.because.text}</span>
      </td>
      <td className={cx(cell, becauseClass(cells), WIDE)} title={cells.because.title}>
        {cells.because.text}
      </td>
      <td className={cx(cell, 'text-ink-3', WIDEST)}>{cells.direction}</td>
      <td className={cx(cell, 'pr-4 font-mono text-ink-3', WIDER)} title={flow.nodeName}>
        {cells.node}
      </td>
    </>
  );
}

/** A card of two lines: who, then when, what and why. */
function NarrowCells({ flow, cells, time }: CellsProps) {
  return (
    <>
      <td className="col-start-1 row-start-1">
        <VerdictMark verdict={flow.verdict} />
      </td>
      <td className="col-start-2 row-start-1 min-w-0">
        <Pair cells={cells} />
      </td>
      <td className="col-start-2 row-start-2 flex min-w-0 gap-2">
        {time}
        <span className="shrink-0 font-mono text-ink-2">{cells.port}</span>
        <span className="min-w-0 shrink truncate font-mono">{cells.summary}</span>
        <span className={cx('ml-auto max-w-2/5 shrink-0 truncate', becauseClass(cells))}>{cells.because.text}</span>
      </td>
    </>
  );
}

function Pair({ cells: { source, destination } }: { cells: FlowCells }) {
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <EndpointName namespace={source.namespace} name={source.name} />
      <span aria-hidden="true" className="shrink-0 font-mono text-ink-3">
        →
      </span>
      <EndpointName namespace={destination.namespace} name={destination.name} />
    </span>
  );
}

const becauseClass = ({ because }: FlowCells): string =>
  cx(because.mono && 'font-mono', because.bad ? 'text-drop-text' : 'text-ink-3');
