'use client';
import { useEffect, useRef, useState } from 'react';
import { type AuditLogPage, AuditVerification } from '#lib/api/audit-log.ts';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { callApi, problemOf } from '#components/live/api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { duration, exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { headText } from './audit-log-view.ts';

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'walking'; readonly since: number; readonly stop: () => void }
  | { readonly kind: 'done'; readonly result: AuditVerification; readonly at: number }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** The hash chain: its head to note elsewhere, and the walk over all of it that finds a changed byte. */
export function AuditLogChain({ head, onShow }: { head: AuditLogPage['head']; onShow: (seq: number) => void }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const stopOnLeave = useRef<() => void>(undefined);
  useEffect(() => () => stopOnLeave.current?.(), []);

  const verify = async () => {
    const abort = new AbortController();
    const stop = () => abort.abort();
    stopOnLeave.current = stop;
    setState({ kind: 'walking', since: Date.now(), stop });
    try {
      const { body } = await callApi('/api/v1/audit-log/verification', AuditVerification, { signal: abort.signal });
      setState({ kind: 'done', result: body, at: Date.now() });
    } catch (error) {
      setState(abort.signal.aborted ? { kind: 'idle' } : { kind: 'failed', problem: problemOf(error) });
    }
  };
  return (
    <Card
      flush
      title="Chain"
      hint="each event holds the hash of the one before"
      aside={
        <Button disabled={state.kind === 'walking'} onClick={() => void verify()}>
          Verify the chain
        </Button>
      }
    >
      {head && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-13">
          <span className="text-ink-3">Head</span>
          <code className="min-w-0 font-mono text-12 break-all">{headText(head)}</code>
          <CopyButton text={headText(head)} label="Copy the head" look="quiet" />
          <span className="text-12 text-ink-3">
            <Time at={head.at} />. Noted elsewhere it shows later that nothing was cut off:{' '}
            <code className="font-mono">causeway audit verify --head SEQ:HASH</code>
          </span>
        </div>
      )}
      <Walk state={state} onShow={onShow} onRetry={() => void verify()} />
    </Card>
  );
}

function Walk({ state, onShow, onRetry }: { state: State; onShow: (seq: number) => void; onRetry: () => void }) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'walking':
      return <Walking since={state.since} stop={state.stop} />;
    case 'failed':
      return <Failed problem={state.problem} onRetry={onRetry} className="border-t border-line" />;
    case 'done':
      return <Verdict result={state.result} at={state.at} onShow={onShow} />;
  }
}

function Walking({ since, stop }: { since: number; stop: () => void }) {
  const now = useNow();
  return (
    <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2.5 text-13">
      <progress aria-label="Verifying the chain" className="h-2 min-w-24 flex-1 accent-(--accent)" />
      <span className="num text-12">walking all events, {duration(Math.max(0, now - since))}</span>
      <Button size="sm" onClick={stop}>
        Stop
      </Button>
    </div>
  );
}

function Verdict({ result, at, onShow }: { result: AuditVerification; at: number; onShow: (seq: number) => void }) {
  const { ok, events, broken, tookMs } = result;
  return (
    <div className="flex flex-col gap-2 border-t border-line px-4 py-3 text-13">
      <output className="flex items-baseline gap-2">
        <Mark name={ok ? 'pass' : 'fail'} className="translate-y-0.5" />
        <span>
          <span className="font-title">
            {ok
              ? 'The chain holds'
              : `The chain is broken at ${broken.length === 1 ? 'one place' : `${exact(broken.length)} places`}`}
          </span>
          <span className="text-ink-3">
            , {exact(events)} {events === 1 ? 'event' : 'events'} read in {duration(tookMs)}, <Time at={at} />
          </span>
        </span>
      </output>
      {broken.length > 0 && (
        <>
          <ul aria-label="Broken places" className="flex flex-col gap-1">
            {broken.map(({ seq, problem }) => (
              <li key={`${seq} ${problem}`} className="flex flex-wrap items-baseline gap-x-2">
                <button
                  type="button"
                  onClick={() => onShow(seq)}
                  className="ring-focus num min-h-6 rounded-sm text-accent-text hover:underline"
                >
                  Event {exact(seq)}
                </button>
                <span className="wrap-anywhere text-ink-2">{visibleText(problem)}</span>
              </li>
            ))}
          </ul>
          <p className="max-w-prose text-12 text-ink-3">
            Somebody with rights to the database has changed it, or it was damaged. Keep a copy as it is, compare it with a backup
            and with the heads you noted, and tell whoever owns the database.
          </p>
        </>
      )}
    </div>
  );
}
