import type { Judged } from './judge-l4.ts';
import { reasonsOf } from './judge-l4.ts';
import { judgeRequest, type L7Answer, redirectOf } from './l7.ts';
import type { DirectionDecision, L7Request } from './model.ts';

/** Answers of one judgement with a definite word of the proxy, made once. */
const definite = new WeakMap<Judged, Map<'allowed' | 'denied', Pick<Judged, 'decision' | 'effect'>>>();

const PASSES: L7Answer = { verdict: 'allowed', doubts: [] };

/** What a judgement at L3/L4 becomes with a request: the same where no proxy of its kind takes the traffic. */
export function judgeL7(judged: Judged, request: L7Request, port: number): Pick<Judged, 'decision' | 'effect'> {
  const { decision } = judged;
  if (decision.verdict !== 'allowed') return judged;
  const answer = decision.redirect ? answerOf(judged, request, port) : doubtfulAnswerOf(judged, request, port);
  if (!answer) return judged;
  if (answer.verdict === 'unknown')
    return {
      decision: Object.freeze({ ...decision, l7: 'unknown' as const, unknown: reasonsOf(answer.doubts) }),
      effect: 'unknown',
    };
  return definiteAnswer(judged, answer.verdict);
}

/** Where nothing closes the direction, Cilium adds a rule that lets every request pass: the others only make them visible. */
function answerOf({ decision, allowing, localhost }: Judged, request: L7Request, port: number): L7Answer | undefined {
  if (!decision.redirect) return undefined;
  const answer = judgeRequest({ redirect: decision.redirect, request, port, allowing, localhost });
  return answer && !decision.defaultDeny ? PASSES : answer;
}

/** Plain rules allow the traffic, and a rule in doubt may hand it to a proxy that refuses. */
function doubtfulAnswerOf({ decision, allowing, localhost }: Judged, request: L7Request, port: number): L7Answer | undefined {
  if (!decision.defaultDeny) return undefined;
  const redirect = redirectOf(allowing)?.kind;
  const answer = redirect && judgeRequest({ redirect, request, port, allowing, localhost });
  if (!answer || answer.verdict === 'allowed') return undefined;
  const doubts = allowing.flatMap((cover) => (cover.doubt && cover.section?.l7 ? [{ cover, doubt: cover.doubt }] : []));
  return { verdict: 'unknown', doubts };
}

function definiteAnswer(judged: Judged, verdict: 'allowed' | 'denied'): Pick<Judged, 'decision' | 'effect'> {
  let answers = definite.get(judged);
  if (!answers) definite.set(judged, (answers = new Map()));
  let answer = answers.get(verdict);
  if (!answer) {
    const decision: DirectionDecision = Object.freeze({ ...judged.decision, l7: verdict });
    answer = { decision, effect: verdict === 'denied' ? 'denied' : judged.effect };
    answers.set(verdict, answer);
  }
  return answer;
}
