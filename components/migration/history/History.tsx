'use client';
import type { HistoryEntry } from '#lib/api/migration.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { clock, day } from '#components/ui/format.ts';
import { Time } from '#components/ui/Time.tsx';
import { asSentence, visibleLine } from '../visible-lines.ts';

/** What happened in this phase, newest first, day by day. */
export function History({ entries }: { entries: readonly HistoryEntry[] }) {
  if (entries.length === 0)
    return <Empty title="Nothing has happened yet">Ticks, uploads, checks that turn and every decision are listed here.</Empty>;
  return (
    <div className="flex flex-col pb-2">
      {byDay(entries).map(([date, rows]) => (
        <section key={date} aria-label={date}>
          <h3 className="px-4 pt-3 pb-1 text-12 font-label text-ink-3">{date}</h3>
          <ol>
            {rows.map((entry, index) => (
              <li
                // oxlint-disable-next-line react/no-array-index-key -- two things may happen in one instant with the same words
                key={`${entry.at} ${index}`}
                className="grid grid-cols-[40px_minmax(0,1fr)_auto] items-baseline gap-x-3 px-4 py-1 text-13"
              >
                <span className="num text-ink-3">{clock(entry.at)}</span>
                <span className="min-w-0 wrap-anywhere">
                  {entry.by ? <span className="font-label">{visibleLine(entry.by.name)} </span> : null}
                  <span className="text-ink-2">{visibleLine(entry.by ? entry.text : asSentence(entry.text))}</span>
                </span>
                <span className="text-12 text-ink-3">
                  <Time at={entry.at} />
                </span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function byDay(entries: readonly HistoryEntry[]): readonly (readonly [string, readonly HistoryEntry[]])[] {
  const days: [string, HistoryEntry[]][] = [];
  for (const entry of entries) {
    const date = `${day(entry.at)} ${new Date(entry.at).getUTCFullYear()}`;
    const last = days.at(-1);
    if (last?.[0] === date) last[1].push(entry);
    else days.push([date, [entry]]);
  }
  return days;
}
