'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { cx } from '#components/ui/cx.ts';
import { FlowRow, ROW_HEIGHT, ROW_HEIGHT_PHONE, columnsClass } from './FlowRow.tsx';
import { NoteRow } from './NoteRow.tsx';
import { useNarrow } from './use-narrow.ts';
import type { Row } from './flow-rows.ts';

/** Rows of flows, newest first; only what is in sight is in the page. Arrow keys or j and k move, Enter opens. */
export function FlowTable({ rows, label, selected, onSelect, onReading, onEnd, footer, stale = false }: FlowTableProps) {
  const narrow = useNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const height = narrow ? ROW_HEIGHT_PHONE : ROW_HEIGHT;
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

  const move = useCallback(
    (from: number, by: number) => {
      let index = from;
      do index += by;
      while (rows[index] && rows[index]?.kind !== 'flow');
      const row = rows[index];
      if (row?.kind !== 'flow') return;
      setActive(row.key);
      virtual.scrollToIndex(index, { align: 'auto' });
      if (selected !== undefined) onSelect(row.key);
      // The row may only come into the page with the scroll.
      requestAnimationFrame(() => {
        const own = scroller.current;
        if (own && (own.contains(document.activeElement) || document.activeElement === document.body))
          own.querySelector<HTMLElement>(`[data-row="${index}"] button`)?.focus({ preventScroll: true });
      });
    },
    [rows, selected, onSelect, virtual],
  );
  useLetterKeys(useCallback((by) => move(activeIndex, by), [move, activeIndex]));

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, [from: number, by: number]> = {
      ArrowDown: [activeIndex, 1],
      ArrowUp: [activeIndex, -1],
      Home: [-1, 1],
      End: [rows.length, -1],
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...step);
  };

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= 0 && last >= rows.length - 5) onEnd?.();
  }, [last, rows.length, onEnd]);

  return (
    <div
      ref={scroller}
      onScroll={() => reading.scrolled((scroller.current?.scrollTop ?? 0) > 0)}
      onPointerMove={reading.pointed}
      onPointerLeave={reading.left}
      onKeyDown={onKeyDown}
      className="@container/table relative min-h-0 flex-1 overflow-auto overscroll-contain"
      style={{ overflowAnchor: 'none' }}
    >
      <div role="table" aria-label={label} aria-rowcount={rows.length + 1} className={cx('min-w-0', stale && 'stale')}>
        <HeadRow />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start, key }) => {
            const row = rows[index];
            if (!row) return null;
            return row.kind === 'flow' ? (
              <FlowRow
                key={key}
                flow={row.flow}
                rowKey={row.key}
                index={index}
                top={start}
                narrow={narrow}
                selected={row.key === selected}
                focusable={index === focusable}
                onOpen={onSelect}
              />
            ) : (
              <NoteRow key={key} row={row} index={index} top={start} height={height} />
            );
          })}
        </div>
      </div>
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

function HeadRow() {
  const cell = 'truncate';
  return (
    <div role="rowgroup" className="sticky top-0 z-10 max-md:sr-only">
      <div
        role="row"
        aria-rowindex={1}
        className={cx(columnsClass, 'h-7 items-center border-b border-line bg-surface text-12 font-label text-ink-3')}
      >
        <span role="columnheader" className={cell}>
          Time, UTC
        </span>
        <span role="columnheader" className={cell}>
          Verdict
        </span>
        <span role="columnheader" className={cell}>
          Source → destination
        </span>
        <span role="columnheader" className={cell}>
          Port
        </span>
        <span role="columnheader" className={cell}>
          Summary
        </span>
        <span role="columnheader" className={cx(cell, 'hidden @5xl/table:block')}>
          Direction
        </span>
        <span role="columnheader" className={cell}>
          Reason or policy
        </span>
        <span role="columnheader" className={cx(cell, 'hidden @4xl/table:block')}>
          Node
        </span>
      </div>
    </div>
  );
}

/** Milliseconds that rows rest after the pointer moved over them: long enough to aim and click. */
const AIM_MS = 1_200;

/** Nothing moves under the pointer: a person reads while scrolled down, and for a moment after each move over the rows. */
function useReading(onReading: (reading: boolean) => void) {
  const state = useRef({ scrolled: false, aiming: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef(false);
  const tell = useCallback(() => {
    const reading = state.current.scrolled || state.current.aiming;
    if (reading === told.current) return;
    told.current = reading;
    onReading(reading);
  }, [onReading]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const stopAiming = useCallback(() => {
    clearTimeout(timer.current);
    state.current.aiming = false;
    tell();
  }, [tell]);
  return {
    scrolled: (scrolled: boolean) => {
      state.current.scrolled = scrolled;
      tell();
    },
    pointed: () => {
      state.current.aiming = true;
      clearTimeout(timer.current);
      timer.current = setTimeout(stopAiming, AIM_MS);
      tell();
    },
    left: stopAiming,
  };
}

/** j and k move wherever the focus is, except where letters are written. */
function useLetterKeys(onMove: (by: 1 | -1) => void) {
  const move = useRef(onMove);
  move.current = onMove;
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== 'j' && event.key !== 'k') return;
      if (
        event.target instanceof HTMLElement &&
        event.target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]')
      )
        return;
      event.preventDefault();
      move.current(event.key === 'j' ? 1 : -1);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
