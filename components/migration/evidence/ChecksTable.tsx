'use client';
import type { PhaseCheck } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { duration } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Unknown } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { utcAndLocal } from '#components/ui/format.ts';
import { visibleLine } from '../visible-lines.ts';
import { ageWords, measuredAt, sortedChecks } from './check-view.ts';

/** Checks of a phase: fail, unknown, pass. A row opens what it rests on. */
export function ChecksTable({ checks, evaluatedAt, selected, onSelect }: ChecksTableProps) {
  return (
    <Table caption="Checks of the gate" className="table-fixed">
      <thead>
        <tr>
          <Th>Check</Th>
          <Th number className="w-[19%] @max-[420px]:w-[26%]">
            Value
          </Th>
          <Th className="w-[17%] @max-[420px]:w-[25%]">Needs</Th>
          <Th className="w-[16%] @max-[500px]:hidden">Source</Th>
          <Th className="w-[13%] text-right @max-[420px]:hidden">Age</Th>
        </tr>
      </thead>
      <tbody>
        {sortedChecks(checks).map((check) => (
          <CheckRow
            key={check.id}
            check={check}
            at={measuredAt(check, evaluatedAt)}
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
  /** When all of them were read last, Unix milliseconds. */
  evaluatedAt: number | undefined;
  selected: string | null;
  onSelect: (check: string | null) => void;
}

function CheckRow({ check, at, selected, onSelect }: CheckRowProps) {
  const taken = check.status !== 'pass' && check.met;
  return (
    <Tr selected={selected} className="cursor-pointer hover:bg-hover" onClick={onSelect}>
      <Td className="py-0.5">
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
      <Td number className="truncate">
        {check.value === '' ? (
          <Unknown why={check.reason === '' ? 'it has no figure' : visibleLine(check.reason)} />
        ) : (
          <span title={visibleLine(check.value)}>{visibleLine(check.value)}</span>
        )}
      </Td>
      <Td className="num text-ink-2">{visibleLine(check.needs)}</Td>
      <Td className="text-12 whitespace-nowrap text-ink-3 @max-[500px]:hidden">{visibleLine(check.source)}</Td>
      <Td className="text-right text-12 whitespace-nowrap text-ink-3 @max-[420px]:hidden">
        <Age check={check} at={at} />
      </Td>
    </Tr>
  );
}

interface CheckRowProps {
  check: PhaseCheck;
  at: number | undefined;
  selected: boolean;
  onSelect: () => void;
}

/** `2 min`: how old what it rests on is, without the word that the column's head says. */
function Age({ check, at }: { check: PhaseCheck; at: number | undefined }) {
  const now = useNow();
  if (at === undefined) return ageWords(check);
  return (
    <time dateTime={new Date(at).toISOString()} title={utcAndLocal(at)}>
      {now === 0 ? '' : duration(Math.max(0, now - at))}
    </time>
  );
}
