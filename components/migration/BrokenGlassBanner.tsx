'use client';
import { ShieldAlert } from 'lucide-react';
import type { BrokenGlass } from '#lib/api/migration.ts';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { Time } from '#components/ui/Time.tsx';
import type { CellPlace } from './matrix/matrix-view.ts';
import { visibleLine } from './visible-lines.ts';

/** Glass that was broken in this migration, in red, for good. */
export function BrokenGlassBanner({ broken, onOpen }: { broken: readonly BrokenGlass[]; onOpen: (place: CellPlace) => void }) {
  if (broken.length === 0) return null;
  return (
    <section aria-label="Broken glass" className="rounded-md border border-drop-text bg-drop-tint">
      <ul className="divide-y divide-drop-text/30">
        {broken.map((glass) => (
          <li key={glass.request} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-13">
            <ShieldAlert size={16} aria-hidden="true" className="shrink-0 text-drop-text" />
            <p className="min-w-0 flex-1 basis-64 wrap-anywhere">
              <span className="font-title text-drop-text">Glass broken</span> in phase {glass.phase},{' '}
              <EnvironmentTag environment={glass.environment} />: {visibleLine(glass.by.name)} went on without approval{' '}
              <Time at={glass.at} />, <TicketLink ticket={glass.ticket} />.{' '}
              {glass.review.closedAt === undefined
                ? 'Its review is open and blocks the next request.'
                : `Reviewed by ${visibleLine(glass.review.closedBy?.name ?? 'somebody')}.`}
            </p>
            <button
              type="button"
              onClick={() => onOpen({ phase: glass.phase, env: glass.environment })}
              className="ring-focus min-h-6 rounded-sm text-13 text-accent-text hover:underline print:hidden"
            >
              Show it
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A ticket as it was given; one that is a web address leads there. */
export function TicketLink({ ticket }: { ticket: string }) {
  const shown = visibleLine(ticket);
  if (!/^https:\/\//i.test(ticket) || !URL.canParse(ticket)) return shown;
  return (
    <a href={ticket} target="_blank" rel="noreferrer" className="ring-focus rounded-sm text-accent-text hover:underline">
      {shown}
      <span className="sr-only"> (opens another site)</span>
    </a>
  );
}
