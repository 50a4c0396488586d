'use client';
import type { PhaseCheck } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { duration } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Unknown } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { utcAndLocal } from '#components/ui/format.ts';
import { visibleLine } from '../visible-lines.ts';
import { ageWords, sortedChecks } from './check-view.ts';

/** Checks of a phase: fail, unknown, pass. A row opens what it rests on. */
export function ChecksTable({ checks, selected, onSelect }: ChecksTableProps) {
  return (
    <Table caption="Checks of the gate">
      <thead>
        <tr>
          <Th className="w-full">Check</Th>
          <Th number>Value</Th>
          <Th>Needs</Th>
          <Th className="@max-[500px]:hidden">Source</Th>
          <Th className="text-right @max-[420px]:hidden">Age</Th>
        </tr>
      </thead>
      <tbody>
        {sortedChecks(checks).map((check) => (
          <CheckRow
            key={check.id}
            check={check}
            selected={check.id === selected}
            onSelect={() => onSelect(check.id === selected ? null : check.id)}
          />
        ))}
      </tbody>
    </Table>
  );
}
interface ChecksTableProps {
  checks: readonly PhaseCheck[];
  selected: string | null;
  onSelect: (check: string | null) => void;
}

function CheckRow({ check, selected, onSelect }: { check: PhaseCheck; selected: boolean; onSelect: () => void }) {
  const taken = check.status !== 'pass' && check.met;
  return (
    <Tr selected={selected} className="cursor-pointer hover:bg-hover" onClick={onSelect}>
      <Td>
        <button
          type="button"
          aria-expanded={selected}
          onClick={(event) => {
            event.stopPropagation();
            onSelect();
          }}
          className="ring-focus flex min-h-6 w-full items-center gap-2.5 rounded-sm text-left"
        >
          <Mark name={check.status} label={check.status} />
          <span className="min-w-0 wrap-anywhere">
            {visibleLine(check.title)}
            {taken && <span className="text-12 text-ink-3"> · acknowledged</span>}
          </span>
        </button>
      </Td>
      <Td number className="max-w-36 truncate">
        {check.value === '' ? (
          <Unknown why={check.reason === '' ? 'it has no figure' : visibleLine(check.reason)} />
        ) : (
          <span title={visibleLine(check.value)}>{visibleLine(check.value)}</span>
        )}
      </Td>
      <Td className="num max-w-32 truncate text-ink-2">
        <span title={visibleLine(check.needs)}>{visibleLine(check.needs)}</span>
      </Td>
      <Td className="whitespace-nowrap text-ink-3 @max-[500px]:hidden">{visibleLine(check.source)}</Td>
      <Td className="text-right text-12 whitespace-nowrap text-ink-3 @max-[420px]:hidden">
        <Age check={check} />
      </Td>
    </Tr>
  );
}

/** `2 min`: how old what it rests on is, without the word that the column's head says. */
function Age({ check }: { check: PhaseCheck }) {
  const now = useNow();
  if (check.at === undefined) return ageWords(check);
  return (
    <time dateTime={new Date(check.at).toISOString()} title={utcAndLocal(check.at)}>
      {now === 0 ? '' : duration(Math.max(0, now - check.at))}
    </time>
  );
}
