import { LOCAL_OR_NOT } from './covering.ts';
import { type Judged, reasonsOf } from './judge-l4.ts';
import { judgeRequest, type L7Answer } from './l7.ts';
import type { DirectionDecision, L7Request } from './model.ts';

type Answer = Pick<Judged, 'decision' | 'effect'>;

/** Answers of one judgement with a definite word of the proxy, made once. */
const definite = new WeakMap<Judged, Map<'allowed' | 'denied', Answer>>();

const PASSES: L7Answer = { verdict: 'allowed', doubts: [] };

/** What a judgement at L3/L4 becomes with a request: the same where no proxy of its kind takes the traffic. */
export function judgeL7(judged: Judged, request: L7Request, port: number): Answer {
  const answer = answerL7(judged, request, port);
  if (!judged.asHost || judgeL7(judged.asHost, request, port).effect === answer.effect) return answer;
  return unknownAnswer(judged, [{ cover: undefined, doubt: LOCAL_OR_NOT }]);
}

function answerL7(judged: Judged, request: L7Request, port: number): Answer {
  const { decision } = judged;
  if (decision.verdict !== 'allowed') return judged;
  const answer = decision.redirect ? answerOf(judged, request, port) : doubtfulAnswerOf(judged, request, port);
  if (!answer) return judged;
  return answer.verdict === 'unknown' ? unknownAnswer(judged, answer.doubts) : definiteAnswer(judged, answer.verdict);
}

const unknownAnswer = ({ decision }: Judged, doubts: L7Answer['doubts']): Answer => ({
  decision: Object.freeze({ ...decision, l7: 'unknown' as const, unknown: reasonsOf(doubts) }),
  effect: 'unknown',
});

/** Where nothing closes the direction, Cilium adds a rule that lets every request pass: the others only make them visible. */
function answerOf({ decision, allowing, localhost }: Judged, request: L7Request, port: number): L7Answer | undefined {
  if (!decision.redirect) return undefined;
  const answer = judgeRequest({ redirect: decision.redirect, request, port, allowing, localhost });
  return answer && !decision.defaultDeny ? PASSES : answer;
}

/** Plain rules allow the traffic, and a rule in doubt may hand it to a proxy that refuses: each is tried as if it were sure. */
function doubtfulAnswerOf({ decision, allowing, localhost }: Judged, request: L7Request, port: number): L7Answer | undefined {
  if (!decision.defaultDeny) return undefined;
  const certain = allowing.filter((cover) => cover.certain);
  const refusing = allowing.flatMap((cover) => {
    const { doubt, section } = cover;
    if (!doubt || !section?.l7) return [];
    const assumed = [...certain, { ...cover, certain: true, doubt: undefined }];
    const answer = judgeRequest({ redirect: section.l7.kind, request, port, allowing: assumed, localhost });
    return answer && answer.verdict !== 'allowed' ? [{ cover, doubt }] : [];
  });
  return refusing.length > 0 ? { verdict: 'unknown', doubts: refusing } : undefined;
}

function definiteAnswer(judged: Judged, verdict: 'allowed' | 'denied'): Answer {
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
