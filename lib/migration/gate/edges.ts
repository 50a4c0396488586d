import { GATE_STATES, type GateCommand, type GateState } from '../model.ts';

/** What moves a request: people's commands, and what happens by itself. */
export type GateMover = GateCommand | 'request' | 'break-glass' | 'expire' | 'go-stale' | 'glass-ends';

/** One step of the state machine. `none`: the request comes into being. */
export interface GateEdge {
  readonly from: GateState | 'none';
  readonly to: GateState;
  readonly by: GateMover;
}

const edges = (by: GateMover, to: GateState, ...from: GateEdge['from'][]): GateEdge[] =>
  from.map((state) => ({ from: state, to, by }));

/** Every step there is. The database holds the same table and refuses any other (`gate_edge`, tested to be equal). */
export const GATE_EDGES: readonly GateEdge[] = [
  ...edges('request', 'requested', 'none'),
  ...edges('approve', 'approving', 'requested', 'approving'),
  ...edges('approve', 'approved', 'requested', 'approving'),
  ...edges('reject', 'rejected', 'requested', 'approving'),
  ...edges('withdraw', 'withdrawn', 'requested', 'approving'),
  ...edges('expire', 'expired', 'requested', 'approving', 'approved'),
  ...edges('go-stale', 'stale', 'requested', 'approving', 'approved'),
  ...edges('revoke', 'revoked', 'approved'),
  ...edges('execute', 'executing', 'approved'),
  ...edges('break-glass', 'executing', 'none', 'requested', 'approving', 'approved'),
  ...edges('complete', 'verifying', 'executing'),
  ...edges('complete', 'completed', 'verifying'),
  ...edges('fail', 'failed', 'executing', 'verifying', 'rolling-back'),
  ...edges('glass-ends', 'failed', 'executing'),
  // Of a completed phase: the completed request stays as it is, a new one that names it begins here.
  ...edges('roll-back', 'rolling-back', 'none', 'executing', 'verifying'),
  ...edges('finish-roll-back', 'rolled-back', 'rolling-back'),
];

/** States from which nothing leads on: a new request takes the phase up again. */
export const FINAL_STATES: ReadonlySet<GateState> = new Set(
  GATE_STATES.filter((state) => !GATE_EDGES.some(({ from }) => from === state)),
);

/** States in which people still decide: the evidence must stay what it was, and time runs. */
export const DECIDING_STATES: ReadonlySet<GateState> = new Set(['requested', 'approving', 'approved'] as const);

export const isOpen = (state: GateState): boolean => !FINAL_STATES.has(state);

/** Whether `by` leads out of `from`. */
export const leadsOn = (from: GateEdge['from'], by: GateMover): boolean =>
  GATE_EDGES.some((edge) => edge.from === from && edge.by === by);
