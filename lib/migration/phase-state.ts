import type { CheckResult } from './check.ts';
import type { Completion } from './gate/record.ts';
import { countText, durationText, listText } from './gate/text.ts';
import type { CheckStatus, GateState, Phase, PhaseState } from './model.ts';
import type { PlanPhase } from './plan/model.ts';

/** What a phase of a cluster rests on, for the matrix. Times are Unix milliseconds. */
export interface PhaseFacts {
  readonly phase: Phase;
  readonly now: number;
  /** Of the migration: a completion of another revision does not promote. */
  readonly planRevision: number;
  readonly checks: readonly { readonly status: CheckStatus; readonly met: boolean }[];
  readonly steps: { readonly done: number; readonly total: number };
  /** Evidence that has been read since the last edit. */
  readonly current: boolean;
  /** The newest request of its gate. */
  readonly request: RequestFacts | undefined;
  readonly completion: Completion | undefined;
  /** Of the phase before in this cluster; `first` where there is none. */
  readonly phaseBefore: Completion | 'first' | undefined;
  /** Of this phase in the nearest earlier environment that has a cluster; `first` where there is none. */
  readonly environmentBefore: { readonly environment: string; readonly completion: Completion | undefined } | 'first';
  readonly soakMinutes: number;
}

export interface RequestFacts {
  readonly id: string;
  readonly state: GateState;
  readonly stateSince: number;
  readonly requestedBy: string;
  /** Names of those whose approval counts. */
  readonly approvers: readonly string[];
  readonly needed: number;
  readonly brokenGlass: boolean;
}

/** One phase in one environment. */
export interface PhaseStanding {
  readonly state: PhaseState;
  readonly since: number | undefined;
  readonly by: readonly string[];
  readonly checksPassed: number;
  readonly checksTotal: number;
  readonly failing: number;
  readonly unknown: number;
  /** A few words; empty when it waits for nothing. */
  readonly waitsFor: string;
}

/** How a phase stands: by its newest request where there is one, else by its evidence. */
export function standingOf(facts: PhaseFacts): PhaseStanding {
  const { checks, request } = facts;
  const counts = {
    checksPassed: checks.filter(({ met }) => met).length,
    checksTotal: checks.length,
    failing: checks.filter(({ status, met }) => status === 'fail' && !met).length,
    unknown: checks.filter(({ status, met }) => status === 'unknown' && !met).length,
  };
  if (request) {
    const { state, stateSince, requestedBy, approvers } = request;
    return { ...counts, state, since: stateSince, by: [requestedBy, ...approvers], waitsFor: requestWaits(request) };
  }
  const locked = lockOf(facts);
  if (locked !== undefined) return { ...counts, state: 'locked', since: undefined, by: [], waitsFor: locked };
  const missing = missingOf(facts);
  return {
    ...counts,
    state: missing === '' ? 'ready' : 'collecting',
    since: undefined,
    by: [],
    waitsFor: missing || 'a request',
  };
}

/** What has to be completed before, in a few words; undefined when nothing has. */
function lockOf({ phase, phaseBefore, environmentBefore, planRevision, soakMinutes, now }: PhaseFacts): string | undefined {
  if (phaseBefore === undefined) return `phase ${phase - 1}`;
  if (environmentBefore === 'first') return undefined;
  const { environment, completion } = environmentBefore;
  if (!completion || completion.planRevision !== planRevision) return `phase ${phase} in ${environment}`;
  const soaked = completion.at + soakMinutes * 60_000;
  return now < soaked ? `${environment} to soak, ${durationText(soaked - now)}` : undefined;
}

function missingOf({ checks, steps, current }: PhaseFacts): string {
  const open = checks.filter(({ met }) => !met).length;
  const undone = steps.total - steps.done;
  const parts = [...(open > 0 ? [countText(open, 'check')] : []), ...(undone > 0 ? [countText(undone, 'step')] : [])];
  return parts.length > 0 ? listText(parts) : current ? '' : 'its evidence to be read';
}

function requestWaits({ state, approvers, needed }: RequestFacts): string {
  switch (state) {
    case 'requested':
    case 'approving':
      return `${approvers.length} of ${countText(needed, 'approval')}`;
    case 'approved':
      return 'the gate to be passed';
    case 'executing':
      return 'the work to be done';
    case 'verifying':
      return 'its checks after the work';
    case 'rolling-back':
      return 'the rollback to end';
    case 'completed':
      return '';
    default:
      return 'a new request';
  }
}

/** Whether the gate takes a check as met: it passes, or somebody took it on where that is enough. */
export const isMet = (status: CheckStatus, demand: 'must' | 'acknowledge', acknowledged: boolean): boolean =>
  status === 'pass' || (demand === 'acknowledge' && acknowledged);

/** The checks of a phase with what each said last; one that has not been read yet is unknown. */
export function checksOf(phase: PlanPhase, results: readonly CheckResult[], acknowledged: ReadonlySet<string>) {
  const known = new Map(results.map((result) => [result.check, result]));
  return phase.checks.map((definition) => {
    const result = known.get(definition.id) ?? unread(definition.id);
    const isAcknowledged = acknowledged.has(definition.id);
    return { definition, result, isAcknowledged, met: isMet(result.status, definition.demand, isAcknowledged) };
  });
}

const unread = (check: string): CheckResult => ({
  check,
  status: 'unknown',
  value: '',
  needs: '',
  reason: 'It has not been read yet.',
  missing: [],
  figures: {},
  objects: [],
});
