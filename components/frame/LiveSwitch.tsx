'use client';
import { History, Pause, Play } from 'lucide-react';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';

/** Live or paused; a past window or a capture offers the way back to now. */
export function LiveSwitch() {
  const view = useConsole();
  if (view.past || view.capture !== null) {
    return (
      <Button onClick={() => void view.backToLive()}>
        <History size={14} aria-hidden="true" />
        Back to live
      </Button>
    );
  }
  return (
    <Button
      aria-pressed={view.paused}
      title={
        view.paused
          ? 'Paused: what is shown stands still. Press to go on; flows that came meanwhile are shown then.'
          : 'Live. Press to hold what is shown.'
      }
      onClick={() => void view.setPaused(!view.paused)}
    >
      {view.paused ? (
        <>
          <Play size={13} aria-hidden="true" />
          Paused
        </>
      ) : (
        <>
          <span aria-hidden="true" className="size-2 rounded-full bg-fwd-fill" />
          Live
          <span aria-hidden="true" className="hidden h-3.5 w-px bg-line-strong md:block" />
          <Pause size={13} aria-hidden="true" className="hidden text-ink-2 md:block" />
        </>
      )}
    </Button>
  );
}
