import type { Phase } from '../model.ts';
import { refuse, type Refusal } from './command.ts';
import type { GateCaller, GatePerson } from './record.ts';
import { CLOCK_SLACK_MS, ELEVATION_WAITS_MS, type GateEnvironment, type GateRules } from './rules.ts';

export const ELEVATION_STATES = ['asked', 'running', 'refused', 'ended', 'expired'] as const;
export type ElevationState = (typeof ELEVATION_STATES)[number];

/** The right to request and pass gates of one phase in one cluster for a while, asked for by one person and granted by another. */
export interface ElevationRecord {
  readonly id: string;
  readonly cluster: string;
  readonly environment: GateEnvironment;
  readonly phase: Phase;
  readonly by: GatePerson;
  /** The session it was asked from, the only one it counts in. */
  readonly sessionId: string;
  readonly reason: string;
  readonly minutes: number;
  /** Unix milliseconds, as all times here. */
  readonly askedAt: number;
  readonly state: ElevationState;
  readonly grantedBy: GatePerson | undefined;
  readonly grantedAt: number | undefined;
  readonly endsAt: number | undefined;
}

/** The state at `now`: an elevation ends by itself, lapses when nobody grants it, and does not outlast a clock that is set back. */
export function elevationState({ state, askedAt, grantedAt, endsAt }: ElevationRecord, now: number): ElevationState {
  if (state !== 'asked' && state !== 'running') return state;
  if (Math.max(askedAt, grantedAt ?? 0) > now + CLOCK_SLACK_MS) return 'expired';
  if (state === 'running' && endsAt !== undefined && now >= endsAt) return 'expired';
  return state === 'asked' && now >= askedAt + ELEVATION_WAITS_MS ? 'expired' : state;
}

/** Whether it lets this person, in this session, act on a phase of a cluster. */
export const elevates = (
  record: ElevationRecord,
  who: { readonly subject: string; readonly sessionId: string | undefined },
  cluster: string,
  phase: Phase,
  now: number,
): boolean =>
  elevationState(record, now) === 'running' &&
  record.by.subject === who.subject &&
  record.sessionId === who.sessionId &&
  record.cluster === cluster &&
  record.phase === phase;

/** Why someone may not ask for an elevation; undefined when they may. `open`: one of theirs that is asked for or runs in the cluster. */
export function mayNotAsk(
  caller: GateCaller,
  rules: GateRules,
  environment: GateEnvironment,
  open: ElevationRecord | undefined,
): Refusal | undefined {
  if (!caller.roles.has('operator') && !caller.roles.has('approver'))
    return refuse('forbidden', 'This needs the role operator in this cluster.');
  if (!rules.elevation) return refuse('conflict', `Gates of ${environment} need no elevation.`);
  if (!open) return undefined;
  return refuse(
    'conflict',
    open.state === 'running'
      ? 'You have an elevation that runs: end it first.'
      : 'You have asked already: it waits for somebody to grant it.',
  );
}

export type ElevationOutcome = { readonly ok: true; readonly to: 'running' | 'refused' | 'ended' } | Refusal;

/** What comes of granting, refusing or ending an elevation; `record.state` is that of `elevationState`. */
export function decideElevation(
  record: ElevationRecord,
  command: 'grant' | 'refuse' | 'end',
  caller: GateCaller,
): ElevationOutcome {
  const grants = caller.roles.has('approver') || caller.roles.has('admin');
  const own = caller.subject === record.by.subject;
  if (command === 'end') {
    if (!own && !grants) return refuse('forbidden', `Only ${record.by.name}, an approver or an admin can end it.`);
    if (record.state === 'asked' || record.state === 'running') return { ok: true, to: 'ended' };
    return refuse('conflict', `This elevation is ${record.state} already.`);
  }
  if (!grants) return refuse('forbidden', 'This needs the role approver or admin in this cluster.');
  if (own) return refuse('forbidden', `You asked for this elevation: somebody else has to ${command} it.`);
  if (record.state !== 'asked') return refuse('conflict', `This elevation is ${record.state} already.`);
  return { ok: true, to: command === 'grant' ? 'running' : 'refused' };
}
