'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';
import { cx } from '#components/ui/cx.ts';
import { COLUMN_COUNT, FlowRow, HeadRow, ROW_HEIGHT, ROW_HEIGHT_PHONE } from './FlowRow.tsx';
import { NoteRow } from './NoteRow.tsx';
import { useNarrow } from './use-narrow.ts';
import { useReading } from './use-reading.ts';
import type { Row } from './flow-rows.ts';

/** Rows of flows, newest first; only what is in sight is in the page. Arrow keys or j and k move, Enter opens. */
export function FlowTable({ rows, label, selected, onSelect, onReading, onEnd, footer, stale = false }: FlowTableProps) {
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const height = narrow ? ROW_HEIGHT_PHONE : ROW_HEIGHT;
  // oxlint-disable-next-line react/incompatible-library -- its functions are used in this component only and never memoised
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, height]);

  const reading = useReading(onReading);
  const activeIndex = rows.findIndex((row) => row.key === (selected ?? active));
  const focusable = activeIndex < 0 ? rows.findIndex((row) => row.kind === 'flow') : activeIndex;

  const move = (from: number, by: number) => {
    let index = from + by;
    while (rows[index] && rows[index]?.kind !== 'flow') index += by;
    const row = rows[index];
    if (row?.kind !== 'flow') return;
    setActive(row.key);
    virtual.scrollToIndex(index, { align: 'auto' });
    if (selected !== undefined) onSelect(row.key);
    // The row may only come into the page with the scroll. Focus follows unless the person is elsewhere on the page.
    requestAnimationFrame(() => {
      const own = scroller.current;
      if (own && (own.contains(document.activeElement) || document.activeElement === document.body))
        own.querySelector<HTMLElement>(`[data-row="${index}"] button`)?.focus({ preventScroll: true });
    });
  };
  useLetterKeys((by) => move(activeIndex, by));

  const onKeyDown = (event: KeyboardEvent) => {
    const steps = new Map<string, readonly [from: number, by: number]>([
      ['ArrowDown', [activeIndex, 1]],
      ['ArrowUp', [activeIndex, -1]],
      ['Home', [-1, 1]],
      ['End', [rows.length, -1]],
    ]);
    const step = steps.get(event.key);
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...step);
  };

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= 0 && last >= rows.length - 5) onEnd?.();
  }, [last, rows.length, onEnd]);
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <div
      ref={scroller}
      onScroll={() => reading.scrolled((scroller.current?.scrollTop ?? 0) > 0)}
      className="@container/table relative min-h-0 flex-1 overflow-auto overscroll-contain"
      style={{ overflowAnchor: 'none' }}
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys move between the buttons of the rows */}
      <table
        aria-label={label}
        aria-rowcount={rows.length + 1}
        onPointerMove={reading.pointed}
        onPointerLeave={reading.left}
        onKeyDown={onKeyDown}
        className={cx(
          'w-full table-fixed border-separate border-spacing-0 text-left text-12',
          narrow && 'block',
          stale && 'stale',
        )}
      >
        <HeadRow narrow={narrow} />
        <tbody className={cx(narrow && 'block')}>
          <Spacer height={above} />
          {items.map(({ index, key }) => {
            const row = rows[index];
            if (!row) return null;
            return row.kind === 'flow' ? (
              <FlowRow
                key={key}
                flow={row.flow}
                rowKey={row.key}
                index={index}
                narrow={narrow}
                selected={row.key === selected}
                focusable={index === focusable}
                onOpen={onSelect}
              />
            ) : (
              <NoteRow key={key} row={row} index={index} height={height} narrow={narrow} />
            );
          })}
          <Spacer height={below} />
        </tbody>
      </table>
      {footer}
    </div>
  );
}
interface FlowTableProps {
  rows: readonly Row[];
  label: string;
  /** Key of the row whose drawer is open. */
  selected: string | undefined;
  onSelect: (key: string) => void;
  /** Called when the person starts or stops reading (scrolled down, pointer moving over rows): then nothing may move. */
  onReading: (reading: boolean) => void;
  /** Called when the last rows come into sight. */
  onEnd?: (() => void) | undefined;
  footer?: ReactNode;
  stale?: boolean;
}

/** Room of the rows that are not in the page. */
function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden="true" className={cx(height === 0 && 'hidden')}>
      {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- empty on purpose, and hidden */}
      <td colSpan={COLUMN_COUNT} style={{ height }} className="p-0" />
    </tr>
  );
}

const TAKES_LETTERS = 'input, textarea, select, [contenteditable], [role=menu], [role=dialog]';

/** j and k move wherever the focus is, except where letters are written. */
function useLetterKeys(onMove: (by: 1 | -1) => void): void {
  const move = useEffectEvent(onMove);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      if (event.target instanceof HTMLElement && event.target.closest(TAKES_LETTERS)) return;
      event.preventDefault();
      move(event.key === 'j' ? 1 : -1);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
