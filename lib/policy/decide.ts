import type { CompiledPolicies } from './compile.ts';
import type { Judged } from './judge-l4.ts';
import { judgeL7 } from './judge-l7.ts';
import type { DirectionDecision, Peer, PolicyDecision, Question } from './model.ts';
import type { Direction } from './normalise.ts';
import { protocolIndex, type ProtocolIndex } from './protocols.ts';
import type { JudgedPeer } from './world-index.ts';

export type Verdict = PolicyDecision['verdict'];

/** Who is meant by a side of a question: find it once to judge many flows. Throws a RangeError for an endpoint or node that the world does not have. */
export const peerOf = (compiled: CompiledPolicies, peer: Peer): JudgedPeer => compiled.peers.find(peer);

/** Answers a question with everything that decides it. The directions are shared between answers and frozen. */
export function decide(compiled: CompiledPolicies, { src, dst, protocol, port, l7 }: Question): PolicyDecision {
  const from = compiled.peers.find(src);
  const to = compiled.peers.find(dst);
  const index = protocolIndex(protocol);
  const egress = judgeDirection(compiled, 'egress', from, to, index, port);
  const ingress = judgeDirection(compiled, 'ingress', to, from, index, port);
  if (!l7) return { verdict: together(egress.effect, ingress.effect), egress: egress.decision, ingress: ingress.decision };
  const out = judgeL7(egress, l7, port);
  const inwards = judgeL7(ingress, l7, port);
  return { verdict: together(out.effect, inwards.effect), egress: out.decision, ingress: inwards.decision };
}

/** The verdict at L3/L4 of both directions, and no more: for many flows. */
export function verdictOf(
  compiled: CompiledPolicies,
  from: JudgedPeer,
  to: JudgedPeer,
  protocol: ProtocolIndex,
  port: number,
): Verdict {
  return together(
    judgeDirection(compiled, 'egress', from, to, protocol, port).effect,
    judgeDirection(compiled, 'ingress', to, from, protocol, port).effect,
  );
}

/** An error stands out, then what denies; unknown only when nothing denies. */
function together(a: Verdict, b: Verdict): Verdict {
  if (a === b) return a;
  if (a === 'error' || b === 'error') return 'error';
  if (a === 'denied' || b === 'denied') return 'denied';
  return a === 'unknown' || b === 'unknown' ? 'unknown' : 'allowed';
}

function judgeDirection(
  compiled: CompiledPolicies,
  direction: Direction,
  { subject }: JudgedPeer,
  { identity }: JudgedPeer,
  protocol: ProtocolIndex,
  port: number,
): Judged {
  if (!subject) return NOT_SUBJECT;
  const policy = compiled.policyOf(subject);
  if (policy.conflict) return RESOLVE_ERROR;
  const own = policy[direction];
  if (!own.state.enforced) return NO_POLICY;
  if (subject.role === 'unknown') return UNKNOWN_SUBJECT;
  return own.pair(identity).judge(protocol, port);
}

function constant(decision: Pick<DirectionDecision, 'verdict' | 'reason' | 'unknown'>): Judged {
  const none: readonly never[] = Object.freeze([]);
  return {
    decision: Object.freeze({
      enforced: false,
      defaultDeny: false,
      matchAllow: none,
      matchDeny: none,
      allowRules: none,
      denyRules: none,
      ...decision,
    }),
    effect: decision.verdict,
    allowing: none,
    localhost: 'no',
  };
}

const NOT_SUBJECT = constant({ verdict: 'allowed', reason: 'not-subject' });
const NO_POLICY = constant({ verdict: 'allowed', reason: 'no-policy' });
const RESOLVE_ERROR = constant({ verdict: 'error', reason: 'resolve-error' });
const UNKNOWN_SUBJECT = constant({
  verdict: 'unknown',
  reason: 'unknown',
  unknown: Object.freeze([
    { code: 'subject-not-known', detail: 'which policies select this side cannot be told from what was recorded of it' },
  ]),
});
