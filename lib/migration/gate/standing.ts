import type { GateState } from '../model.ts';
import type { Completion } from './record.ts';

interface Past {
  readonly id: string;
  readonly number: number;
  readonly state: GateState;
  /** Unix milliseconds. */
  readonly stateSince: number;
  readonly planRevision: number;
}

/** States after which what was completed before does not stand any more: something was undone, or left half done. */
const UNDOES: ReadonlySet<GateState> = new Set(['rolling-back', 'rolled-back', 'failed'] as const);

/** Whether a phase of a cluster is completed: the newest completed request that no rollback or failure came after. */
export function completionOf(requests: readonly Past[]): Completion | undefined {
  let standing: Completion | undefined;
  for (const { id, state, stateSince, planRevision } of requests.toSorted((a, b) => a.number - b.number)) {
    if (state === 'completed') standing = { request: id, at: stateSince, planRevision };
    else if (UNDOES.has(state)) standing = undefined;
  }
  return standing;
}
