'use client';
import type { GatePanel, GateRequest, PhaseDetail } from '#lib/api/migration.ts';
import { GLASS_MS } from '#lib/migration/gate/rules.ts';
import { useNow } from '#components/live/use-now.ts';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { clock, utcAndLocal } from '#components/ui/format.ts';
import { shortTime } from '../state-words.ts';
import { migrationApi } from '../use-migration.ts';
import { visibleLine, visibleLines } from '../visible-lines.ts';
import { isOpen, shortHash, ttlWords } from './gate-view.ts';

/** The newest request in a sentence, the evidence it rests on, and who asked for it. */
export function RequestFacts({ phase }: { phase: PhaseDetail }) {
  const { request, evidenceHash } = phase.gate;
  const now = useNow();
  return (
    <div className="flex flex-col gap-2 p-4 text-13">
      <Sentence gate={phase.gate} now={now} />
      <dl className="grid grid-cols-[76px_minmax(0,1fr)] items-baseline gap-x-2 gap-y-1">
        <dt className="text-ink-3">Evidence</dt>
        <dd className="flex items-center gap-1">
          <Hash
            cluster={phase.cluster}
            hash={request && isOpen(request.state) ? request.evidenceHash : (evidenceHash ?? request?.evidenceHash)}
          />
        </dd>
        {request && (
          <>
            <dt className="text-ink-3">Requested</dt>
            <dd title={utcAndLocal(request.requestedAt)}>
              {shortTime(request.requestedAt, now)} by {visibleLine(request.requestedBy.name)}
            </dd>
            {/* Why glass was broken stands in its own panel. */}
            {request.comment !== '' && !request.brokenGlass && (
              <>
                <dt className="text-ink-3">Comment</dt>
                <dd className="wrap-anywhere whitespace-pre-line">“{visibleLines(request.comment)}”</dd>
              </>
            )}
          </>
        )}
      </dl>
    </div>
  );
}

function Hash({ cluster, hash }: { cluster: string; hash: string | undefined }) {
  if (hash === undefined) return <span className="text-ink-3">not read yet</span>;
  return (
    <>
      <a
        href={`${migrationApi(cluster)}/evidence/${hash}`}
        target="_blank"
        rel="noreferrer"
        title={`The frozen snapshot of sha256:${hash}`}
        className="ring-focus rounded-sm font-mono text-12 text-accent-text hover:underline"
      >
        {shortHash(hash)}
        <span className="sr-only"> (the snapshot, opens in a new tab)</span>
      </a>
      <CopyButton text={hash} label="Copy the SHA-256 of the evidence" look="quiet" size="sm" />
    </>
  );
}

function Sentence({ gate, now }: { gate: GatePanel; now: number }) {
  const { request, rules } = gate;
  if (!request) {
    const teams = rules.teams.length > 0 ? `, among them ${rules.teams.map(visibleLine).join(' and ')}` : '';
    return (
      <p>
        Nobody has requested this gate yet. It needs {rules.approvals} {rules.approvals === 1 ? 'approval' : 'approvals'}
        {`, ${ttlWords(rules.ttlMinutes, undefined)}`}
        {teams}.
      </p>
    );
  }
  return (
    <p className="wrap-anywhere">
      {request.state === 'stale' || request.state === 'expired'
        ? `Request ${request.number} is void`
        : `Request ${request.number}`}
      {request.stateReason === '' || (request.brokenGlass && isOpen(request.state))
        ? `: ${plainWords(request, now)}`
        : `: ${visibleLine(request.stateReason)}`}
    </p>
  );
}

/** What the state means, where nobody gave a reason for it. */
function plainWords(request: GateRequest, now: number): string {
  const since = shortTime(request.stateSince, now);
  switch (request.state) {
    case 'requested':
      return 'waits for its first decision.';
    case 'approving':
      return `${request.approved} of ${request.needed} approved.`;
    case 'approved':
      return 'approved. Evidence is read again at the moment the gate is passed.';
    case 'executing':
      return request.brokenGlass
        ? `the gate was passed without approval at ${since}. That carries until ${clock(request.stateSince + GLASS_MS)}: who broke it, or an operator, begins to verify by then.`
        : `the gate was passed at ${since}; the steps are being done.`;
    case 'verifying':
      return `verifying since ${since}: all evidence must hold.`;
    case 'completed':
      return `completed ${since}.`;
    case 'rejected':
      return `rejected ${since}.`;
    case 'withdrawn':
      return `withdrawn ${since}.`;
    case 'expired':
      return `its time ran out ${since}.`;
    case 'stale':
      return `its evidence changed ${since}.`;
    case 'revoked':
      return `revoked ${since}.`;
    case 'rolling-back':
      return `rolling back since ${since}.`;
    case 'rolled-back':
      return `rolled back ${since}. The phase is open again.`;
    case 'failed':
      return `failed ${since}.`;
  }
}
