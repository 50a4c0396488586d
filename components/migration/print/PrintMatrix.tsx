'use client';
import { Fragment } from 'react';
import type { Migration } from '#lib/api/migration.ts';
import { useNow } from '#components/live/use-now.ts';
import { utc } from '#components/ui/format.ts';
import { cellAt, columnsOf } from '../matrix/matrix-view.ts';
import { cellNote, stateSince } from '../state-words.ts';
import { visibleLine } from '../visible-lines.ts';

/** Head and matrix on paper: words in place of marks, nothing to press. */
export function PrintMatrix({ migration }: { migration: Migration }) {
  const now = useNow();
  const columns = columnsOf(migration);
  return (
    <section className="hidden print:block">
      <h1 className="text-20 font-title">Migration {visibleLine(migration.name)}</h1>
      <p className="mb-3 text-12">
        Plan {visibleLine(migration.planVersion)}, revision {migration.revision}
        {now !== 0 && `, printed ${utc(now)}`}.
        {migration.brokenGlass.map((glass) => (
          <Fragment key={glass.request}>
            {' '}
            <strong>
              Glass broken in phase {glass.phase}, {glass.environment}, by {visibleLine(glass.by.name)} at {utc(glass.at)},{' '}
              {visibleLine(glass.ticket)}
              {glass.review.closedAt === undefined ? ' (not reviewed yet)' : ''}.
            </strong>
          </Fragment>
        ))}
      </p>
      <table className="w-full border-collapse text-left text-12 [&_td]:border [&_td]:p-1.5 [&_td]:align-top [&_th]:border [&_th]:p-1.5 [&_th]:align-top">
        <thead>
          <tr>
            <th>Phase</th>
            {columns.map(({ environment, cluster }) => (
              <th key={environment}>
                {environment} {cluster && visibleLine(cluster.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {migration.phases.map(({ phase, name }) => (
            <tr key={phase}>
              <th>
                {phase} {visibleLine(name)}
              </th>
              {columns.map(({ environment }) => {
                const cell = cellAt(migration, { phase, env: environment });
                if (!cell) return <td key={environment}>–</td>;
                return (
                  <td key={environment}>
                    {stateSince(cell.state, cell.since, now)}
                    {cell.brokenGlass && ', glass broken'}
                    {cell.checksTotal > 0 && `, ${cell.checksPassed} of ${cell.checksTotal} checks`}
                    <br />
                    {visibleLine(cellNote(cell, now))}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
