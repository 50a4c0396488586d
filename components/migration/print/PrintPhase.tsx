'use client';
import type { PhaseDetail, PhaseStep } from '#lib/api/migration.ts';
import { utc } from '#components/ui/format.ts';
import { countChecks, sortedChecks } from '../evidence/check-view.ts';
import { visibleLine, visibleLines } from '../visible-lines.ts';

/** A phase on paper, all of it open: steps with commands and undo, every check with its reason, gate with decisions, rollback, history. */
export function PrintPhase({ phase, clusterName }: { phase: PhaseDetail; clusterName: string }) {
  const { gate, rollback } = phase;
  const counts = countChecks(phase.checks);
  return (
    <article className="hidden text-12 print:block [&_h2]:mt-5 [&_h2]:mb-1.5 [&_h2]:text-16 [&_h2]:font-title [&_h3]:mt-3 [&_h3]:text-13 [&_h3]:font-title [&_pre]:my-1 [&_pre]:border [&_pre]:p-1.5 [&_pre]:font-mono [&_pre]:whitespace-pre-wrap [&_table]:w-full [&_table]:border-collapse [&_td]:border [&_td]:p-1 [&_td]:align-top [&_th]:border [&_th]:p-1 [&_th]:text-left">
      <h2>
        Phase {phase.cell.phase} {visibleLine(phase.name)}, {phase.environment} {visibleLine(clusterName)}
      </h2>
      <p>{visibleLine(phase.leaves)}</p>
      <h2>Steps</h2>
      <ol>
        {phase.steps.map((step, index) => (
          <li key={step.id} className="break-inside-avoid-page">
            <h3>
              {step.done ? '☑' : '☐'} {index + 1} {visibleLine(step.title)}
            </h3>
            <p>{visibleLine(step.why)}</p>
            {step.done && (
              <p>
                Ticked by {visibleLine(step.done.by.name)}, {utc(step.done.at)}
                {step.done.note !== '' && `: “${visibleLine(step.done.note)}”`}
              </p>
            )}
            <Commands commands={step.commands} />
            {step.undo.length > 0 && <p className="mt-1 font-label">How to undo</p>}
            <Commands commands={step.undo} />
          </li>
        ))}
      </ol>
      <h2>
        Checks: {counts.pass} of {counts.total} pass, {counts.fail} fail, {counts.unknown} unknown
      </h2>
      <table>
        <thead>
          <tr>
            <th>Check</th>
            <th>Says</th>
            <th>Value</th>
            <th>Needs</th>
            <th>Measured</th>
          </tr>
        </thead>
        <tbody>
          {sortedChecks(phase.checks).map((check) => (
            <tr key={check.id} className="break-inside-avoid">
              <td>
                {visibleLine(check.title)}
                {check.status !== 'pass' && check.reason !== '' && <div>{visibleLine(check.reason)}</div>}
                {check.acknowledged && (
                  <div>
                    Acknowledged by {visibleLine(check.acknowledged.by.name)}: “{visibleLine(check.acknowledged.reason)}”
                  </div>
                )}
                {check.attested && (
                  <div>
                    Stated by {visibleLine(check.attested.by.name)}: “{visibleLine(check.attested.statement)}”
                  </div>
                )}
              </td>
              <td>{check.status}</td>
              <td className="font-mono">{visibleLine(check.value) || '–'}</td>
              <td className="font-mono">{visibleLine(check.needs)}</td>
              <td>{check.at === undefined ? 'not read' : utc(check.at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Gate</h2>
      <p className="font-mono wrap-anywhere">Evidence now: {gate.evidenceHash ?? 'not read yet'}</p>
      {gate.request ? (
        <>
          <p>
            Request {gate.request.number}: {gate.request.state}, {gate.request.approved} of {gate.request.needed} approved.{' '}
            {visibleLine(gate.request.stateReason)}
          </p>
          <p>
            Requested by {visibleLine(gate.request.requestedBy.name)}, {utc(gate.request.requestedAt)}, on{' '}
            <span className="font-mono wrap-anywhere">{gate.request.evidenceHash}</span>
          </p>
          <ul>
            {gate.request.decisions.map((decision) => (
              <li key={decision.id}>
                {visibleLine(decision.by.name)} {decision.decision}, {utc(decision.at)}
                {decision.team !== undefined && `, ${visibleLine(decision.team)}`}
                {decision.comment !== '' && `: “${visibleLine(decision.comment)}”`}
                {!decision.counts &&
                  decision.decision === 'approve' &&
                  ` (void${decision.void === undefined ? '' : `: ${visibleLine(decision.void)}`})`}
                {decision.auth.weakness !== '' && ` (${visibleLine(decision.auth.weakness)})`}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>Not requested yet.</p>
      )}
      <ul>
        {gate.conditions.map(({ id, title, met, value }) => (
          <li key={id}>
            {met ? '☑' : '☐'} {visibleLine(title)}: {visibleLine(value)}
          </li>
        ))}
      </ul>
      <h2>Rollback</h2>
      <p>
        Effort: {rollback.effort}. {visibleLine(rollback.trigger)}
      </p>
      <Commands commands={rollback.steps} />
      {rollback.records.map((record) => (
        <p key={record.id}>
          {record.outcome}: begun {utc(record.startedAt)} by {visibleLine(record.by.name)}: “{visibleLine(record.trigger)}”
          {record.observed !== '' && `; observed: “${visibleLine(record.observed)}”`}
        </p>
      ))}
      <h2>History</h2>
      <ul>
        {phase.history.map((entry, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- two things may happen in one instant with the same words
          <li key={`${entry.at} ${index}`}>
            {utc(entry.at)} {entry.by && visibleLine(entry.by.name)} {visibleLine(entry.text)}
          </li>
        ))}
      </ul>
    </article>
  );
}

const Commands = ({ commands }: { commands: PhaseStep['commands'] }) =>
  commands.map((command) => (
    <div key={`${command.title} ${command.text}`}>
      <p>{visibleLine(command.title)}</p>
      <pre>{visibleLines(command.text)}</pre>
    </div>
  ));
