import { memo } from 'react';
import { clockMs, utcAndLocal } from '#components/ui/format.ts';
import { VerdictMark, VerdictText } from '#components/ui/Mark.tsx';
import { EndpointName } from '#components/ui/EndpointName.tsx';
import { cx } from '#components/ui/cx.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { type FlowCells, cellsOf } from './flow-cells.ts';

/** Pixels; the phone's row is a card of two lines. */
export const ROW_HEIGHT = 28;
export const ROW_HEIGHT_PHONE = 56;

/** The columns of head and rows alike. Direction and node come in when there is room. */
export const columnsClass =
  'grid gap-x-3 px-4 grid-cols-[92px_104px_minmax(0,2fr)_78px_minmax(0,1.1fr)_minmax(0,1fr)] @4xl/table:grid-cols-[92px_104px_minmax(0,2fr)_78px_minmax(0,1.2fr)_minmax(0,1fr)_104px] @5xl/table:grid-cols-[92px_104px_minmax(0,2fr)_78px_minmax(0,1.2fr)_60px_minmax(0,1.1fr)_104px]';

/** One flow. The whole row can be clicked; the time is its button for keyboard and screen reader. */
export const FlowRow = memo(function FlowRow({ flow, rowKey, index, top, narrow, selected, focusable, onOpen }: FlowRowProps) {
  const cells = cellsOf(flow);
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-current={selected ? 'true' : undefined}
      data-row={index}
      onClick={() => onOpen(rowKey)}
      className={cx(
        'absolute inset-x-0 cursor-pointer border-b border-line text-12 hover:bg-hover',
        narrow ? 'flex flex-col justify-center gap-1 px-3' : cx(columnsClass, 'items-center'),
        selected ? 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]' : 'bg-surface',
      )}
      style={{ transform: `translateY(${top}px)`, height: narrow ? ROW_HEIGHT_PHONE : ROW_HEIGHT }}
    >
      {narrow ? (
        <NarrowCells flow={flow} cells={cells} focusable={focusable} />
      ) : (
        <WideCells flow={flow} cells={cells} focusable={focusable} />
      )}
    </div>
  );
});
interface FlowRowProps {
  flow: Flow;
  rowKey: string;
  index: number;
  top: number;
  narrow: boolean;
  selected: boolean;
  /** Whether Tab stops at this row. */
  focusable: boolean;
  onOpen: (key: string) => void;
}

interface CellsProps {
  flow: Flow;
  cells: FlowCells;
  focusable: boolean;
}

function WideCells({ flow, cells, focusable }: CellsProps) {
  return (
    <>
      <span role="cell">
        <TimeButton flow={flow} cells={cells} focusable={focusable} />
      </span>
      <span role="cell">
        <VerdictText verdict={flow.verdict} />
      </span>
      <Pair cells={cells} />
      <span role="cell" className="truncate font-mono text-ink-2">
        {cells.port}
      </span>
      <span role="cell" className="truncate font-mono text-ink" title={cells.summary}>
        {cells.summary}
      </span>
      <span role="cell" className="hidden text-ink-3 @5xl/table:block">
        {cells.direction}
      </span>
      <Because cells={cells} />
      <span role="cell" className="hidden truncate font-mono text-ink-3 @4xl/table:block" title={flow.nodeName}>
        {cells.node}
      </span>
    </>
  );
}

function NarrowCells({ flow, cells, focusable }: CellsProps) {
  return (
    <>
      <span className="flex min-w-0 items-center gap-2">
        <span role="cell" className="flex">
          <VerdictMark verdict={flow.verdict} />
        </span>
        <Pair cells={cells} />
        <span role="cell" className="ml-auto">
          <TimeButton flow={flow} cells={cells} focusable={focusable} />
        </span>
      </span>
      <span className="flex min-w-0 items-center gap-2 pl-5">
        <span role="cell" className="shrink-0 font-mono text-ink-2">
          {cells.port}
        </span>
        <span role="cell" className="truncate font-mono text-ink">
          {cells.summary}
        </span>
        <span className="ml-auto max-w-1/2 shrink-0">
          <Because cells={cells} />
        </span>
      </span>
    </>
  );
}

function TimeButton({ flow, cells, focusable }: CellsProps) {
  return (
    <button
      type="button"
      tabIndex={focusable ? 0 : -1}
      title={utcAndLocal(flow.time)}
      aria-label={`${clockMs(flow.time)} ${flow.verdict}, ${cells.source.full} to ${cells.destination.full}: open`}
      className="ring-focus num rounded-sm text-ink-3 max-md:text-ink-3"
    >
      {clockMs(flow.time)}
    </button>
  );
}

function Pair({ cells: { source, destination } }: { cells: FlowCells }) {
  return (
    <span role="cell" className="flex min-w-0 items-center gap-1.5">
      <EndpointName namespace={source.namespace} name={source.name} className="shrink" />
      <span aria-label="to" role="img" className="shrink-0 font-mono text-ink-3">
        →
      </span>
      <EndpointName namespace={destination.namespace} name={destination.name} className="shrink" />
    </span>
  );
}

function Because({ cells: { because } }: { cells: FlowCells }) {
  return (
    <span
      role="cell"
      title={because.title}
      className={cx('block truncate', because.mono && 'font-mono', because.bad ? 'text-drop-text' : 'text-ink-3')}
    >
      {because.text}
    </span>
  );
}
