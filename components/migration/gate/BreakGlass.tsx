'use client';
import { ShieldAlert } from 'lucide-react';
import { useState } from 'react';
import { type BrokenGlass, GateRequest, type PhaseDetail } from '#lib/api/migration.ts';
import { callApi } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Time } from '#components/ui/Time.tsx';
import { ReasonForm } from '../ReasonForm.tsx';
import { TicketLink } from '../BrokenGlassBanner.tsx';
import { type Change, useChange, migrationApi, onceHeaders, phaseApi } from '../use-migration.ts';
import { visibleLine, visibleLines } from '../visible-lines.ts';
import { choiceOf, commandWords, commandsOf } from './gate-view.ts';

/** The way without approval: a red panel of its own below the gate, never beside Approve. Whoever has no such role does not see it. */
export function BreakGlass({ phase, clusterName, page, mayBreak }: BreakGlassProps) {
  const change = useChange(page);
  const [asking, setAsking] = useState(false);
  const [ticket, setTicket] = useState('');
  const choice = choiceOf(phase.gate, 'break-glass');
  if (!mayBreak || !choice) return null;
  const words = commandWords('break-glass', { phase: phase.cell.phase, env: phase.environment, cluster: clusterName });
  const submit = async (reason: string) => {
    const done = await change.run(
      () =>
        callApi(`${phaseApi(phase.cluster, phase.cell.phase)}/break-glass`, GateRequest, {
          method: 'POST',
          json: { reason, ticket: ticket.trim() },
          headers: onceHeaders(),
        }),
      phase.cluster,
      phase.cell.phase,
    );
    if (done) setAsking(false);
  };
  return (
    <section className="flex flex-col gap-2 rounded-md border border-drop-text bg-drop-tint p-4 print:hidden">
      <h3 className="flex items-center gap-2 text-13 font-title text-drop-text">
        <ShieldAlert size={14} aria-hidden="true" />
        Without approval
      </h3>
      {asking ? (
        <>
          <ReasonForm
            label={words.label}
            hint="Recorded for good, under your name."
            button={`${words.button}: phase ${phase.cell.phase} in ${phase.environment}`}
            look="danger"
            least={words.least}
            typeName={phase.environment === 'PRD' ? clusterName : undefined}
            busy={change.busy || ticket.trim() === ''}
            onSubmit={(reason) => void submit(reason)}
            onCancel={() => {
              change.clear();
              setAsking(false);
            }}
          >
            <p className="text-13">
              {words.effect} It counts as no approval. It asks for a fresh sign-in, tells others at once, shows in red on this
              migration for good, and blocks the next request until another person has reviewed it.
            </p>
            <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
              Incident or ticket
              <input
                value={ticket}
                onChange={(event) => setTicket(event.target.value)}
                maxLength={100}
                placeholder="INC-2291"
                required
                className={inputClass}
              />
            </label>
          </ReasonForm>
          {change.problem && <Failed problem={change.problem} className="p-0" />}
        </>
      ) : (
        <>
          <Button look="danger" className="self-start" disabled={!choice.allowed} onClick={() => setAsking(true)}>
            {words.button}
          </Button>
          <p className="text-12 wrap-anywhere text-ink-2">
            {choice.allowed
              ? 'For an incident that cannot wait. Reviewed by another person afterwards.'
              : visibleLine(choice.reason)}
          </p>
        </>
      )}
    </section>
  );
}
interface BreakGlassProps {
  phase: PhaseDetail;
  clusterName: string;
  /** Id of the cluster the page belongs to. */
  page: string;
  mayBreak: boolean;
}

/** Glass that was broken in this phase: who, when, why, and its review. */
export function BrokenHere({ broken, phase, change }: { broken: BrokenGlass; phase: PhaseDetail; change: Change }) {
  const [asking, setAsking] = useState(false);
  const { by, at, reason, ticket, review } = broken;
  const choice = choiceOf(phase.gate, 'review');
  const words = commandWords('review', { phase: phase.cell.phase, env: phase.environment, cluster: phase.cluster });
  const submit = async (finding: string) => {
    const done = await change.run(
      () =>
        callApi(`${migrationApi(phase.cluster)}/reviews/${encodeURIComponent(review.id)}`, GateRequest, {
          method: 'POST',
          json: { finding },
          headers: onceHeaders(),
        }),
      phase.cluster,
      phase.cell.phase,
    );
    if (done) setAsking(false);
  };
  return (
    <section className="flex flex-col gap-2 border-t border-drop-text bg-drop-tint px-4 py-3 text-13">
      <p className="flex items-baseline gap-2 wrap-anywhere">
        <ShieldAlert size={14} aria-hidden="true" className="shrink-0 translate-y-0.5 text-drop-text" />
        <span>
          <span className="font-title">{visibleLine(by.name)}</span> went on without approval <Time at={at} />,{' '}
          <TicketLink ticket={ticket} />.<span className="block whitespace-pre-line text-ink-2">“{visibleLines(reason)}”</span>
        </span>
      </p>
      {review.closedAt !== undefined ? (
        <p className="text-12 wrap-anywhere text-ink-2">
          Reviewed by {visibleLine(review.closedBy?.name ?? 'somebody')}, <Time at={review.closedAt} />
          {review.finding !== undefined && `: “${visibleLine(review.finding)}”`}
        </p>
      ) : asking && choice?.allowed === true ? (
        <>
          <ReasonForm
            label={words.label}
            button={words.button}
            look="primary"
            least={words.least}
            busy={change.busy}
            onSubmit={(finding) => void submit(finding)}
            onCancel={() => setAsking(false)}
          />
          {change.problem && <Failed problem={change.problem} className="p-0" />}
        </>
      ) : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {choice?.allowed === true && (
            <Button look={isElsewhere(phase) ? 'plain' : 'primary'} onClick={() => setAsking(true)}>
              Review
            </Button>
          )}
          <p className="text-12 wrap-anywhere text-ink-2">
            The review is open and blocks the next request.
            {choice && !choice.allowed && choice.reason !== '' && ` ${visibleLine(choice.reason)}`}
          </p>
        </div>
      )}
    </section>
  );
}

/** Whether the gate has a primary action of its own: there is one a page. */
function isElsewhere({ gate }: PhaseDetail): boolean {
  const { main } = commandsOf(gate.request?.state);
  return main !== undefined && choiceOf(gate, main)?.allowed === true;
}
