'use client';
import type { AuditEvent } from '#lib/api/audit-log.ts';
import { visibleText } from '#lib/flow/text.ts';
import { day, clockMs, exact, utcAndLocal } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { OUTCOME_MARKS, actorWords } from './audit-log-view.ts';

/** Events of the audit log, newest first. */
export function AuditLogTable({ events, chosen, onChoose }: AuditLogTableProps) {
  return (
    <div className="@container">
      <Table caption="Audit log">
        <thead>
          <tr>
            <Th number className="max-md:hidden">
              No.
            </Th>
            <Th className="max-md:pl-4">Time, UTC</Th>
            <Th>
              <span className="max-md:sr-only">Outcome</span>
            </Th>
            <Th>Who</Th>
            <Th>What</Th>
            <Th className="hidden @4xl:table-cell">To what</Th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <Tr key={event.seq} selected={event.seq === chosen} className="align-baseline *:py-0.5">
              <Td number className="text-12 text-ink-3 max-md:hidden">
                {exact(event.seq)}
              </Td>
              <Td className="num whitespace-nowrap text-ink-2 max-md:pl-4" title={utcAndLocal(event.at)}>
                <span className="max-md:block max-md:text-12 max-md:text-ink-3">{day(event.at)} </span>
                {clockMs(event.at).slice(0, 8)}
              </Td>
              <Td className="whitespace-nowrap">
                <span className="inline-flex items-center gap-1.5">
                  <Mark name={OUTCOME_MARKS[event.outcome]} />
                  <span className="max-md:sr-only">{event.outcome}</span>
                </span>
              </Td>
              <Td className="max-w-36 truncate" title={event.actor.subject}>
                {visibleText(actorWords(event.actor))}
                {event.actor.kind !== 'person' && event.actor.kind !== 'anonymous' && (
                  <span className="text-12 text-ink-3"> {event.actor.kind}</span>
                )}
              </Td>
              <Td>
                <button
                  type="button"
                  onClick={() => onChoose(event.seq)}
                  className="ring-focus min-h-6 rounded-sm text-left font-mono text-12 text-accent-text hover:underline"
                >
                  {visibleText(event.action)}
                  <span className="sr-only"> event {event.seq}</span>
                </button>
                {event.reason !== '' && (
                  <span className="block max-w-80 truncate text-12 text-ink-3" title={visibleText(event.reason)}>
                    {visibleText(event.reason)}
                  </span>
                )}
              </Td>
              <Td
                className="hidden max-w-56 truncate @4xl:table-cell"
                title={visibleText(`${event.object.type} ${event.object.id}`)}
              >
                <span className="text-12 text-ink-3">{visibleText(event.object.type)} </span>
                <span className="font-mono text-12">{visibleText(event.object.id)}</span>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
interface AuditLogTableProps {
  events: readonly AuditEvent[];
  chosen: number | null;
  onChoose: (seq: number) => void;
}
