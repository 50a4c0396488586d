import { CircleDashed, Lock, ShieldAlert, Undo2 } from 'lucide-react';
import type { PhaseState } from '#lib/migration/model.ts';
import { Chip } from '#components/ui/Chip.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { type StateShape, stateLook } from './state-words.ts';

/** The mark of a state; its word stands beside it. */
export function StateMark({ shape }: { shape: StateShape }) {
  switch (shape) {
    case 'pass':
    case 'fail':
    case 'stale':
      return <Mark name={shape} />;
    case 'open':
      return <Mark name="trace" />;
    case 'locked':
      return <Lock size={12} aria-hidden="true" className="shrink-0 text-ink-3" />;
    case 'waiting':
      return (
        <svg viewBox="0 0 12 12" width={12} height={12} aria-hidden="true" className="shrink-0 text-ink-3">
          <circle cx="6" cy="6" r="4" fill="currentColor" />
        </svg>
      );
    case 'running':
      return <CircleDashed size={12} aria-hidden="true" className="shrink-0 text-ink-2" />;
    case 'undo':
      return <Undo2 size={12} aria-hidden="true" className="shrink-0 text-ink-2" />;
  }
}

/** A state as a chip: mark and words. */
export function StateChip({ state, words }: { state: PhaseState; words?: string }) {
  const look = stateLook(state);
  return (
    <Chip tone={look.tone}>
      <StateMark shape={look.shape} />
      {words ?? look.words}
    </Chip>
  );
}

/** Says that a gate was passed without approval. Red, and there for good. */
export function BrokenGlassChip() {
  return (
    <Chip tone="drop">
      <ShieldAlert size={12} aria-hidden="true" />
      glass broken
    </Chip>
  );
}
