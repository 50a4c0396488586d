'use client';
import type { GatePanel } from '#lib/api/migration.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { visibleLine } from '../visible-lines.ts';

/** What must hold besides checks and approvals: promotion, soak, window, elevation, reviews. */
export function Conditions({ conditions }: { conditions: GatePanel['conditions'] }) {
  if (conditions.length === 0) return null;
  return (
    <ul aria-label="Conditions of the gate" className="flex flex-col gap-1 border-t border-line px-4 py-3">
      {conditions.map(({ id, title, met, value }) => (
        <li key={id} className="grid grid-cols-[12px_minmax(0,1fr)_auto] items-baseline gap-x-2 text-13">
          <Mark name={met ? 'pass' : 'trace'} label={met ? 'met' : 'not met'} className="translate-y-0.5" />
          <span className="min-w-0">{visibleLine(title)}</span>
          <span className="max-w-36 text-right text-12 text-ink-3">{visibleLine(value)}</span>
        </li>
      ))}
    </ul>
  );
}
