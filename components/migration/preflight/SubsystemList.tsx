'use client';
import type { Subsystem } from '#lib/preflight/check.ts';
import { cx } from '#components/ui/cx.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { CheckCounts } from './CheckWord.tsx';
import { STATUS_ORDER, type StatusCounts, type SubsystemPart, countStatuses } from './preflight-view.ts';

/** What is shown at the right: one subsystem, or all of them. */
export type Part = Subsystem | 'all';

/** The subsystems with what their checks say. A list beside the checks; on small windows one field above them. */
export function SubsystemList({ parts, chosen, onChoose }: SubsystemListProps) {
  const all = countStatuses(parts.flatMap(({ checks }) => checks));
  const rows: readonly { readonly part: Part; readonly name: string; readonly counts: StatusCounts }[] = [
    { part: 'all', name: 'All checks', counts: all },
    ...parts.map(({ subsystem, counts }) => ({ part: subsystem, name: titleOf(subsystem), counts })),
  ];
  return (
    <nav aria-label="Subsystems" className="min-w-0 lg:w-64 lg:shrink-0">
      <select
        aria-label="Subsystem"
        value={chosen}
        onChange={(event) => {
          const row = rows.find(({ part }) => part === event.target.value);
          if (row) onChoose(row.part);
        }}
        className={cx(inputClass, 'w-full pr-8 lg:hidden')}
      >
        {rows.map(({ part, name, counts }) => (
          <option key={part} value={part}>
            {name}: {countWords(counts)}
          </option>
        ))}
      </select>
      <ul className="hidden overflow-hidden rounded-md border border-line bg-surface lg:block">
        {rows.map(({ part, name, counts }) => (
          <li key={part} className="border-t border-line first:border-t-0">
            <button
              type="button"
              aria-current={part === chosen}
              onClick={() => onChoose(part)}
              className={cx(
                'ring-focus flex min-h-10 w-full items-center justify-between gap-3 px-4 py-1.5 text-left text-13 outline-offset-[-2px]!',
                part === chosen ? 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]' : 'hover:bg-hover',
              )}
            >
              <span className="font-label">{name}</span>
              <CheckCounts counts={counts} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
interface SubsystemListProps {
  parts: readonly SubsystemPart[];
  chosen: Part;
  onChoose: (part: Part) => void;
}

/** `Pods and nodes`. */
export const titleOf = (subsystem: Subsystem): string => subsystem.charAt(0).toUpperCase() + subsystem.slice(1);

const countWords = (counts: StatusCounts): string =>
  STATUS_ORDER.filter((status) => counts[status] > 0)
    .map((status) => `${counts[status]} ${status}`)
    .join(', ');
