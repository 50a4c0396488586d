import 'server-only';
import type { StepTick } from '#lib/api/migration.ts';
import { writeTick } from '#lib/db/migration/edits.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Phase } from '#lib/migration/model.ts';
import { type EditContext, editorOf, editPhase } from './edit.ts';

/** Somebody who goes down a list ticks one after the other. */
const TICK_WAITS_MS = 700;

/** Ticks a step or takes the tick back. Throws `not-found` for a step that is none of the phase, `conflict` when someone else was faster. */
export function tickStep(context: EditContext, phase: Phase, step: string, { done, note, version }: StepTick): Promise<void> {
  const work: Parameters<typeof editPhase>[2] = async (tx, place) => {
    const known = place.phase.steps.find(({ id }) => id === step);
    if (!known) throw new CausewayError('not-found', 'the plan has no such step here');
    const tick = { cluster: context.cluster, phase, step, done, note, by: editorOf(context), version };
    if (!(await writeTick(tx, tick)))
      throw new CausewayError('conflict', 'someone else has just ticked this step or taken the tick back; look at it again');
    return {
      action: 'step.tick',
      object: { type: 'step', id: step },
      reason: note,
      details: { done },
      change: {
        what: 'step',
        action: done ? 'step.done' : 'step.undone',
        text: done ? `ticked “${known.title}”` : `took back the tick of “${known.title}”`,
      },
    };
  };
  return editPhase(context, phase, work, TICK_WAITS_MS);
}
