'use client';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { ReachMatrix } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { cx } from '#components/ui/cx.ts';
import { ReachMark } from './ReachMark.tsx';
import { type Place, type ReachState, cellFinder, cellSentence, isPods, moved, stateOf } from './reach-view.ts';

/** Sources down, destinations across. One stop for Tab; arrows walk, Enter opens. What is pointed at is said below, always in the same place. */
export function MatrixGrid({ matrix, only, selected, onSelect, onName }: MatrixGridProps) {
  const { names } = matrix;
  const find = useMemo(() => cellFinder(matrix), [matrix]);
  const grid = useRef<HTMLTableElement>(null);
  const [cursor, setCursor] = useState<Place>({ source: 0, destination: 0 });
  const [pointed, setPointed] = useState<Place>();
  const at = { source: Math.min(cursor.source, names.length - 1), destination: Math.min(cursor.destination, names.length - 1) };
  const said = pointed ?? at;
  const nameOf = (index: number) => names[index] ?? '';

  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(at, event.key, names.length, event.ctrlKey || event.metaKey);
    if (!next) return;
    event.preventDefault();
    setCursor(next);
    setPointed(undefined);
    grid.current?.querySelector<HTMLElement>(`[data-place="${next.source}-${next.destination}"]`)?.focus();
  };
  return (
    <div className="flex min-w-0 flex-col">
      <div className="max-h-[calc(100dvh-280px)] min-h-72 overflow-auto">
        <table
          ref={grid}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role -- a grid is a table that the arrow keys walk
          role="grid"
          aria-label="Reachability, sources down, destinations across"
          onKeyDown={onKeyDown}
          className="border-separate border-spacing-0"
        >
          <thead>
            <tr>
              <th
                scope="col"
                className="sticky top-0 left-0 z-20 min-w-28 bg-surface px-3 text-left align-bottom text-12 font-label text-ink-3"
              >
                from ↓ to →
              </th>
              {names.map((name, index) => (
                <th
                  key={name}
                  scope="col"
                  className={cx(
                    'sticky top-0 z-10 h-32 w-7 min-w-7 bg-surface p-0 align-bottom font-body',
                    said.destination === index && 'bg-hover',
                  )}
                >
                  <NameButton name={name} onName={onName} turned />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name, source) => (
              <tr key={name}>
                <th
                  scope="row"
                  className={cx(
                    'sticky left-0 z-10 max-w-44 bg-surface p-0 pl-2 text-left font-body md:max-w-64',
                    said.source === source && 'bg-hover',
                  )}
                >
                  <NameButton name={name} onName={onName} />
                </th>
                {names.map((other, destination) => {
                  const cell = find({ source, destination });
                  const state = stateOf(cell, name, other);
                  const here = at.source === source && at.destination === destination;
                  return (
                    <td
                      key={other}
                      className="border-t border-l border-line p-0 last:border-r"
                      aria-selected={selected === keyOf(name, other)}
                    >
                      <button
                        type="button"
                        data-place={`${source}-${destination}`}
                        tabIndex={here ? 0 : -1}
                        aria-label={visibleText(cellSentence(name, other, cell))}
                        onFocus={() => setCursor({ source, destination })}
                        onPointerEnter={() => setPointed({ source, destination })}
                        onPointerLeave={() => setPointed(undefined)}
                        onClick={() => onSelect(selected === keyOf(name, other) ? null : keyOf(name, other))}
                        className={cx(
                          'flex size-7 items-center justify-center outline-none hover:bg-hover focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]',
                          source === destination && 'bg-sunken',
                          selected === keyOf(name, other) && 'bg-accent-tint shadow-[inset_0_0_0_2px_var(--accent)]',
                          only !== undefined && only !== state && 'opacity-25',
                        )}
                      >
                        <ReachMark state={state} />
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="min-h-10 border-t border-line px-4 py-2 text-12 text-ink-2" aria-hidden="true">
        {visibleText(cellSentence(nameOf(said.source), nameOf(said.destination), find(said)))}
      </p>
    </div>
  );
}
interface MatrixGridProps {
  matrix: ReachMatrix;
  /** Only this state stands out. */
  only: ReachState | undefined;
  /** `source->destination`. */
  selected: string | null;
  onSelect: (key: string | null) => void;
  /** A namespace is unfolded; undefined where there is nothing to unfold. */
  onName: ((name: string) => void) | undefined;
}

export const keyOf = (source: string, destination: string): string => `${source}->${destination}`;

function NameButton({ name, onName, turned = false }: { name: string; onName: MatrixGridProps['onName']; turned?: boolean }) {
  // Entities are told by their place below the namespaces; their prefix would only push the names aside.
  const shown = visibleText(name.replace(/^entity:/, ''));
  const look = cx(
    'truncate font-mono text-12 text-ink',
    turned ? 'max-h-30 [writing-mode:vertical-rl] rotate-180' : 'max-w-full',
  );
  // Entities and the world hold nothing to unfold.
  if (onName === undefined || !isPods(name)) {
    return (
      <span className={cx('flex', turned ? 'h-full w-7 items-end justify-center pb-1' : 'h-7 items-center pr-3')} title={shown}>
        <span className={look}>{shown}</span>
      </span>
    );
  }
  return (
    <button
      type="button"
      title={`Unfold ${shown} to its workloads`}
      aria-label={`Unfold ${shown}`}
      onClick={() => onName(name)}
      tabIndex={turned ? -1 : 0}
      className={cx(
        'ring-focus flex items-center rounded-sm hover:underline',
        turned ? 'w-7 justify-center pb-1' : 'h-7 max-w-full pr-3',
      )}
    >
      <span className={look}>{shown}</span>
    </button>
  );
}
