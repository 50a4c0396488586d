'use client';
import type { GateDecision, GatePanel } from '#lib/api/migration.ts';
import type { GateState } from '#lib/migration/model.ts';
import { initialsOf } from '#components/frame/person.ts';
import { useNow } from '#components/live/use-now.ts';
import { Chip } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { utcAndLocal } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { shortTime } from '../state-words.ts';
import { visibleLine, visibleLines } from '../visible-lines.ts';
import { decisionNote, openSeats, ttlWords } from './gate-view.ts';

/** States in which a seat that is open says something. */
const SEATED: ReadonlySet<GateState> = new Set(['requested', 'approving', 'stale', 'expired']);

/** Who decided what, and which seats are open. A void approval stays, struck through. */
export function Approvals({ gate, me }: { gate: GatePanel; me: string }) {
  const { request, rules } = gate;
  const seats = request && SEATED.has(request.state) ? openSeats(request, rules.teams) : [];
  if (!request || (request.decisions.length === 0 && seats.length === 0)) return null;
  return (
    <section className="flex flex-col gap-2.5 border-t border-line px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 className="text-13 font-title">Approvals</h3>
        <span className="text-12 text-ink-3">
          {request ? `${request.approved} of ${request.needed}` : `${rules.approvals} needed`},{' '}
          {ttlWords(rules.ttlMinutes, request)}
        </span>
      </div>
      <ul className="flex flex-col gap-2.5">
        {request.decisions.map((decision) => (
          <Decision key={decision.id} decision={decision} mine={decision.by.subject === me} />
        ))}
        {seats.map((seat, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- an open seat is its place
          <li key={index} className="grid grid-cols-[28px_minmax(0,1fr)_auto] items-center gap-x-2.5">
            <span aria-hidden="true" className="size-7 rounded-full border border-dashed border-control-line" />
            <span className="min-w-0">
              <span className="block truncate text-13 first-letter:uppercase">{visibleLine(seat)}</span>
              <span className="block text-12 text-ink-3">not the requester{rules.stepUp && ', second factor'}</span>
            </span>
            <span className="text-12 text-ink-3">open</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Decision({ decision, mine }: { decision: GateDecision; mine: boolean }) {
  const now = useNow();
  const isVoid = decision.decision === 'approve' && !decision.counts;
  const name = visibleLine(decision.by.name);
  return (
    <li className="grid grid-cols-[28px_minmax(0,1fr)_auto] items-center gap-x-2.5 gap-y-1">
      <span
        aria-hidden="true"
        className="inline-flex size-7 items-center justify-center rounded-full border border-line-strong bg-hover text-12 font-title text-ink-2"
      >
        {initialsOf(decision.by.name)}
      </span>
      <span className="min-w-0">
        <span className={cx('block truncate text-13', isVoid && 'text-ink-3 line-through')}>{mine ? `You, ${name}` : name}</span>
        <span className="block text-12 text-ink-3" title={utcAndLocal(decision.at)}>
          {decisionNote(decision, shortTime(decision.at, now))}
        </span>
      </span>
      {decision.decision === 'approve' ? (
        isVoid ? (
          <Chip tone="audit">
            <Mark name="stale" />
            void
          </Chip>
        ) : (
          <span className="flex items-center gap-1.5 text-12 text-fwd-text">
            <Mark name="pass" />
            approved
          </span>
        )
      ) : (
        <span className="flex items-center gap-1.5 text-12 text-drop-text">
          <Mark name="fail" />
          {decision.decision === 'reject' ? 'rejected' : 'revoked'}
        </span>
      )}
      {(decision.comment !== '' || decision.void !== undefined || decision.auth.weakness !== '') && (
        <div className="col-span-2 col-start-2 flex flex-col gap-0.5 text-12 wrap-anywhere text-ink-2">
          {decision.comment !== '' && <p className="whitespace-pre-line">“{visibleLines(decision.comment)}”</p>}
          {decision.void !== undefined && <p className="text-audit-text">Does not count: {visibleLine(decision.void)}</p>}
          {decision.auth.weakness !== '' && (
            <p className="flex items-baseline gap-1.5">
              <Mark name="advice" className="translate-y-0.5" />
              {visibleLine(decision.auth.weakness)}
            </p>
          )}
        </div>
      )}
    </li>
  );
}
