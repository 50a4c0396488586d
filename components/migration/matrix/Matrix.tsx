'use client';
import { EyeOff, ShieldAlert } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { Environment } from '#lib/api/common.ts';
import type { Migration, PhaseCell } from '#lib/api/migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { useNow } from '#components/live/use-now.ts';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Unknown } from '#components/ui/Num.tsx';
import { cellNote, stateLook, stateSince } from '../state-words.ts';
import { StateMark } from '../StateMark.tsx';
import { type CellPlace, cellAt, columnsOf, movedCell } from './matrix-view.ts';

/**
 * Phases down, environments across. One stop for Tab: arrows walk, Enter opens, as a click does. On phones each phase is a card with a line
 * for each environment; roles keep it a grid in either shape.
 */
export function Matrix({ migration, selected, onSelect }: MatrixProps) {
  const columns = columnsOf(migration);
  const grid = useRef<HTMLTableElement>(null);
  const [cursor, setCursor] = useState<CellPlace>();
  const phases = migration.phases.map(({ phase }) => phase);
  // Cells of clusters that may not be seen are no stop.
  const envs = columns.filter(({ cluster }) => cluster !== undefined).map(({ environment }) => environment);
  const at = cursor !== undefined && envs.includes(cursor.env) ? cursor : selected;

  const onKeyDown = (event: KeyboardEvent) => {
    const next = movedCell(at, event.key, phases, envs, event.ctrlKey || event.metaKey);
    if (!next) return;
    event.preventDefault();
    setCursor(next);
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.phase}-${next.env}"]`)?.focus();
  };
  return (
    <table
      ref={grid}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid is a table that the arrow keys walk
      role="grid"
      aria-label="Phases by environment"
      onKeyDown={onKeyDown}
      className="block w-full overflow-hidden rounded-md border border-line bg-surface text-left text-13 md:table md:table-fixed md:border-separate md:border-spacing-0"
    >
      <thead className="hidden md:table-header-group">
        <tr className="h-7">
          <th scope="col" className="w-[26%] px-4 text-12 font-label text-ink-3">
            Phase
          </th>
          {columns.map((column) => (
            <th key={column.environment} scope="col" className="border-l border-line px-3 font-body">
              <ColumnHead column={column} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="block md:table-row-group">
        {migration.phases.map((row) => (
          <tr key={row.phase} className="block border-line not-first:border-t md:table-row md:h-10.5">
            <th
              scope="row"
              aria-label={`Phase ${row.phase}, ${visibleLine(row.name)}`}
              className="block px-4 pt-2.5 pb-1 font-body md:table-cell md:border-t md:border-line md:py-0"
            >
              <span className="flex items-center gap-3">
                <span className="num w-3 shrink-0 text-ink-3">{row.phase}</span>
                <span className="min-w-0">
                  <span className="block truncate font-label md:@max-[900px]:whitespace-normal" title={visibleLine(row.name)}>
                    {visibleLine(row.name)}
                  </span>
                  <span className="block truncate text-12 text-ink-3 md:@max-[900px]:hidden" title={visibleLine(row.summary)}>
                    {row.optional && row.summary !== 'optional'
                      ? `optional: ${visibleLine(row.summary)}`
                      : visibleLine(row.summary)}
                  </span>
                </span>
              </span>
            </th>
            {columns.map((column) => {
              const place = { phase: row.phase, env: column.environment };
              const chosen = selected.phase === place.phase && selected.env === place.env;
              return (
                <td
                  key={column.environment}
                  aria-selected={chosen}
                  className="block p-0 md:table-cell md:border-t md:border-l md:border-line"
                >
                  <Cell
                    cell={cellAt(migration, place)}
                    column={column}
                    chosen={chosen}
                    stop={at.phase === place.phase && at.env === place.env}
                    onFocus={() => setCursor(place)}
                    onSelect={() => onSelect(place)}
                  />
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
interface MatrixProps {
  migration: Migration;
  selected: CellPlace;
  onSelect: (place: CellPlace) => void;
}

type Column = Migration['environments'][number];

function ColumnHead({ column }: { column: Column }) {
  return (
    <span className="flex min-w-0 items-center gap-2 text-12 text-ink-3">
      <EnvironmentTag environment={column.environment} />
      {column.hidden ? (
        <span className="flex items-center gap-1">
          <EyeOff size={12} aria-hidden="true" />
          you may not see this cluster
        </span>
      ) : (
        !column.cluster && <span>no cluster set</span>
      )}
    </span>
  );
}

const HIDDEN = 'Your roles do not include the cluster of this environment';
const UNSET = 'The migration has no cluster in this environment';

function Cell({ cell, column, chosen, stop, onFocus, onSelect }: CellProps) {
  const now = useNow();
  const env: Environment = column.environment;
  if (!cell || !column.cluster) {
    return (
      <span className="flex min-h-9 items-center gap-2.5 px-4 md:min-h-10.5 md:px-3">
        <span className="w-11 md:hidden">
          <EnvironmentTag environment={env} />
        </span>
        <Unknown why={column.hidden ? HIDDEN : UNSET} />
      </span>
    );
  }
  const { shape } = stateLook(cell.state);
  const note = visibleLine(cellNote(cell, now));
  const counted = cell.state !== 'locked' && cell.checksTotal > 0;
  const quiet = cell.state === 'locked';
  return (
    <button
      type="button"
      data-cell={`${cell.phase}-${env}`}
      tabIndex={stop ? 0 : -1}
      onFocus={onFocus}
      onClick={onSelect}
      aria-current={chosen ? 'true' : undefined}
      className={cx(
        'grid w-full grid-cols-[44px_12px_minmax(0,1fr)_auto] items-baseline gap-x-2.5 px-4 py-1.5 text-left outline-none md:h-10.5 md:grid-cols-[12px_minmax(0,1fr)_auto] md:px-3 md:py-0.5',
        'focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]',
        chosen ? 'bg-accent-tint shadow-[inset_0_0_0_1.5px_var(--accent)]' : 'hover:bg-hover',
      )}
    >
      <span aria-hidden="true" className="md:hidden">
        <EnvironmentTag environment={env} />
      </span>
      <span className="self-center">
        <StateMark shape={shape} />
      </span>
      <span
        className={cx(
          'flex min-w-0 items-center gap-1.5 md:@max-[900px]:col-start-2 md:@max-[900px]:col-end-4',
          quiet ? 'text-ink-3' : 'text-ink',
          !quiet && 'font-label',
        )}
      >
        <span className="sr-only">{`Phase ${cell.phase} in ${env}: `}</span>
        <span className="truncate">{stateSince(cell.state, cell.since, now)}</span>
        {cell.brokenGlass && (
          <>
            <ShieldAlert size={13} aria-hidden="true" className="shrink-0 text-drop-text" />
            <span className="sr-only">, glass broken</span>
          </>
        )}
      </span>
      <span className="num text-ink-2 md:@max-[900px]:col-start-3 md:@max-[900px]:row-start-2">
        {counted && (
          <>
            <span className="sr-only">, </span>
            {cell.checksPassed} of {cell.checksTotal}
            <span className="sr-only"> checks pass. </span>
          </>
        )}
      </span>
      <span
        className="col-start-3 col-end-5 truncate text-12 text-ink-3 md:col-start-2 md:col-end-4 md:@max-[900px]:row-start-2 md:@max-[900px]:col-end-3"
        title={note === '' ? undefined : note}
      >
        {note === '' ? '\u00a0' : note}
      </span>
    </button>
  );
}
interface CellProps {
  cell: PhaseCell | undefined;
  column: Column;
  chosen: boolean;
  /** The one cell that Tab stops at. */
  stop: boolean;
  onFocus: () => void;
  onSelect: () => void;
}
