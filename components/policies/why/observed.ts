import type { DirectionExplanation, Explanation } from '#lib/api/what-if.ts';
import { dropReasonOf } from '#lib/flow/drop-reasons.ts';
import type { Flow } from '#lib/flow/flow.ts';

/** What Hubble saw of a question, as far as it says something about policy. Pure. */
export interface Observed {
  readonly verdict: string;
  readonly denied: boolean;
  /** Where it was seen; each direction is judged by itself. */
  readonly direction: 'egress' | 'ingress';
}

/** Reasons with which a policy refuses a connection or a request. A missing authentication is none: the rule itself allowed. */
const REFUSED: ReadonlySet<string> = new Set(['POLICY_DENIED', 'POLICY_DENY', 'L7_DENIED']);

const DIRECTIONS = { EGRESS: 'egress', INGRESS: 'ingress', TRAFFIC_DIRECTION_UNKNOWN: undefined } as const;

/** Undefined where the direction is not known, for replies, which follow their connection, and where no policy decided. */
export function observedOfFlow(flow: Flow): Observed | undefined {
  if (flow.isReply === true) return undefined;
  switch (flow.verdict) {
    case 'DROPPED':
      return observedDrop(dropReasonOf(flow), flow.trafficDirection);
    case 'AUDIT':
      return observed('AUDIT', true, flow.trafficDirection);
    case 'FORWARDED':
    case 'REDIRECTED':
      return observed(flow.verdict, false, flow.trafficDirection);
    case 'ERROR':
    case 'TRACED':
    case 'TRANSLATED':
    case 'VERDICT_UNKNOWN':
      return undefined;
  }
}

/** The same for drops counted by reason. */
export const observedDrop = (reason: string, direction: Flow['trafficDirection']): Observed | undefined =>
  REFUSED.has(reason) ? observed('DROPPED', true, direction) : undefined;

function observed(verdict: string, denied: boolean, direction: Flow['trafficDirection']): Observed | undefined {
  const known = DIRECTIONS[direction];
  return known && { verdict, denied, direction: known };
}

/** What one direction says, its request included. */
export const shownVerdict = ({ verdict, l7 }: Pick<DirectionExplanation, 'verdict' | 'l7'>): DirectionExplanation['verdict'] =>
  verdict === 'allowed' && l7 !== undefined ? l7 : verdict;

/** What was to be expected where it was observed. */
export const expectedOf = (explanation: Pick<Explanation, 'egress' | 'ingress'>, { direction }: Observed) =>
  shownVerdict(explanation[direction]);
