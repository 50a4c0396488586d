'use client';
import type { Growth } from './growth.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { DropFiles } from '#components/ui/DropFiles.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { type Compared, type GrowthState, useGrowth } from './use-growth.ts';

/** Whether the log only grew: the newest head against the one this browser saw last, and against any checkpoint that somebody kept. */
export function GrowthCheck({ cluster, note }: { cluster: string; note: string }) {
  const { state, again, compareNote, forget } = useGrowth(cluster, note);
  const take = async ([file]: readonly File[]) => {
    if (file) compareNote(file.size > MOST_BYTES ? '' : await file.text(), file.name);
  };
  return (
    <section aria-label="Has the log only grown" className="flex min-w-0 flex-col gap-2 text-13">
      <Answer state={state} onAgain={again} onForget={forget} />
      <DropFiles
        action="Compare with a file"
        label="A checkpoint of this log from earlier"
        note="A checkpoint you kept: nothing of it leaves this browser but its size."
        accept=".checkpoint,.txt,text/plain"
        busy={state.kind === 'comparing'}
        onFiles={(files) => void take(files)}
        className="px-3 py-2"
      >
        {null}
      </DropFiles>
    </section>
  );
}

/** A checkpoint has a few lines. */
const MOST_BYTES = 20_000;

function Answer({ state, onAgain, onForget }: { state: GrowthState; onAgain: () => void; onForget: () => void }) {
  switch (state.kind) {
    case 'comparing':
      return <p className="text-ink-3">Comparing with an earlier head</p>;
    case 'first':
      return (
        <p className="flex items-baseline gap-1.5 text-ink-2">
          <Mark name="trace" className="translate-y-0.5" />
          <span>
            {state.kept
              ? 'This browser had seen no head of this log. It remembers this one, and says next time whether the log only grew.'
              : 'This browser keeps nothing, so it cannot say whether the log only grew since you were here.'}
          </span>
        </p>
      );
    case 'unreadable':
      return (
        <p role="alert" className="flex items-baseline gap-1.5 wrap-anywhere">
          <Mark name="advice" className="translate-y-0.5" />
          <span>
            {nameOf(state.with)} cannot be compared: {visibleText(state.why)}.
          </span>
        </p>
      );
    case 'failed':
      return (
        <p role="alert" className="flex flex-wrap items-baseline gap-1.5">
          <Mark name="error" className="translate-y-0.5" />
          <span>No proof came: {state.problem.detail ?? state.problem.title}.</span>
          <Button size="sm" onClick={onAgain}>
            Try again
          </Button>
        </p>
      );
    case 'compared':
      return state.growth.kind === 'rewritten' ? (
        <Rewritten growth={state.growth} compared={state.with} onForget={onForget} />
      ) : (
        <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
          <p className="flex min-w-0 items-baseline gap-1.5">
            <Mark name="pass" className="translate-y-0.5" />
            <output>
              <span className="font-title">The log only grew</span> <Since compared={state.with} growth={state.growth} />
            </output>
          </p>
          {state.with.what === 'remembered' && (
            <Button look="quiet" size="sm" onClick={onAgain}>
              Compare with the newest
            </Button>
          )}
        </div>
      );
  }
}

function Since({ compared, growth }: { compared: Compared; growth: Exclude<Growth, { kind: 'rewritten' }> }) {
  const from = growth.kind === 'grown' ? growth.from.size : growth.to.size;
  return (
    <span className="text-ink-2">
      {compared.what === 'remembered' ? (
        <>
          since this browser saw it <Time at={compared.seenAt} />
        </>
      ) : (
        <>since {visibleText(compared.name)}</>
      )}
      :{' '}
      {growth.kind === 'same' ? (
        <>it is the same head, of {exact(from)} batches.</>
      ) : (
        <>
          its {exact(from)} batches are the beginning of today’s {exact(growth.to.size)}, proved in this browser by{' '}
          {exact(growth.hashes)} hashes.
        </>
      )}
    </span>
  );
}

/** What must never happen, and cannot be explained away. */
function Rewritten({ growth, compared, onForget }: RewrittenProps) {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 rounded-md border border-drop-text bg-drop-tint px-3 py-2">
      <p className="flex items-baseline gap-1.5 font-title text-drop-text">
        <Mark name="fail" className="translate-y-0.5" />
        This is not the log that was here before
      </p>
      <p className="max-w-prose text-ink-2">
        {nameOf(compared)} is a head of {exact(growth.from.size)} batches, and the head of now has {exact(growth.to.size)}:{' '}
        {growth.why}. Somebody has replaced what was in it, or the console was set up anew. Keep the earlier checkpoint, and ask a
        witness which head it saw.
      </p>
      {compared.what === 'remembered' && (
        <Button size="sm" onClick={onForget}>
          Remember the head of now instead
        </Button>
      )}
    </div>
  );
}
interface RewrittenProps {
  growth: Extract<Growth, { kind: 'rewritten' }>;
  compared: Compared;
  onForget: () => void;
}

const nameOf = (compared: Compared): string =>
  compared.what === 'given' ? visibleText(compared.name) : 'What this browser saw last';
