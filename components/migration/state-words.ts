import type { PhaseCell } from '#lib/api/migration.ts';
import type { PhaseState } from '#lib/migration/model.ts';
import type { Tone } from '#components/ui/Chip.tsx';
import { clock, day } from '#components/ui/format.ts';

/** How a state is drawn; `StateMark` has the shapes. */
export type StateShape = 'pass' | 'fail' | 'stale' | 'open' | 'locked' | 'waiting' | 'running' | 'undo';

interface StateLook {
  readonly words: string;
  readonly shape: StateShape;
  readonly tone: Tone;
}

const LOOKS: Readonly<Record<PhaseState, StateLook>> = {
  locked: { words: 'not open', shape: 'locked', tone: 'neutral' },
  collecting: { words: 'collecting evidence', shape: 'open', tone: 'neutral' },
  ready: { words: 'ready', shape: 'waiting', tone: 'accent' },
  requested: { words: 'requested', shape: 'waiting', tone: 'neutral' },
  approving: { words: 'being approved', shape: 'waiting', tone: 'neutral' },
  approved: { words: 'approved', shape: 'pass', tone: 'fwd' },
  executing: { words: 'under way', shape: 'running', tone: 'neutral' },
  verifying: { words: 'verifying', shape: 'running', tone: 'neutral' },
  completed: { words: 'completed', shape: 'pass', tone: 'fwd' },
  rejected: { words: 'rejected', shape: 'fail', tone: 'drop' },
  withdrawn: { words: 'withdrawn', shape: 'open', tone: 'neutral' },
  expired: { words: 'expired', shape: 'stale', tone: 'audit' },
  stale: { words: 'stale', shape: 'stale', tone: 'audit' },
  revoked: { words: 'revoked', shape: 'fail', tone: 'drop' },
  'rolling-back': { words: 'rolling back', shape: 'undo', tone: 'audit' },
  'rolled-back': { words: 'rolled back', shape: 'undo', tone: 'neutral' },
  failed: { words: 'failed', shape: 'fail', tone: 'drop' },
};

/** Words, shape and colour of a state of a phase or of a gate request. */
export const stateLook = (state: PhaseState): StateLook => LOOKS[state];

/** States whose beginning says more than the state alone. */
const DATED: ReadonlySet<PhaseState> = new Set(['stale', 'expired', 'executing', 'verifying', 'rolling-back']);

/** `stale since 13:41`: the state with its time, for the chip of a gate. `now` is 0 where the clock is not known yet. */
export function stateSince(state: PhaseState, since: number | undefined, now: number): string {
  const { words } = stateLook(state);
  return since !== undefined && DATED.has(state) ? `${words} since ${shortTime(since, now)}` : words;
}

/** `13:41` of today, `10 Nov` of another day, both in UTC. */
export function shortTime(at: number, now: number): string {
  return now !== 0 && day(at) === day(now) && now - at < 86_400_000 ? clock(at) : day(at);
}

/** `2 fail, 1 unknown`; empty when neither. */
export function worstWords(failing: number, unknown: number): string {
  return [failing > 0 ? `${failing} fail` : '', unknown > 0 ? `${unknown} unknown` : ''].filter(Boolean).join(', ');
}

/** The second line of a cell: who completed it and when, else what is wrong, else what it waits for. */
export function cellNote(cell: PhaseCell, now: number): string {
  const waits = cell.waitsFor === '' ? '' : `waits for ${cell.waitsFor}`;
  switch (cell.state) {
    case 'completed': {
      const when = cell.since === undefined ? '' : shortTime(cell.since, now);
      return [when, cell.by.length > 0 ? `by ${cell.by.join(', ')}` : ''].filter(Boolean).join(' ');
    }
    case 'locked':
    case 'requested':
    case 'approving':
    case 'approved':
      return waits;
    default:
      return worstWords(cell.failing, cell.unknown) || waits;
  }
}
