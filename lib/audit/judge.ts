import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';
import type { DirectionDecision, PolicyDecision, Question, UnknownReason } from '#lib/policy/model.ts';
import { type Replayed, UNSEEN_REQUEST } from './replay.ts';

/** What a set of policies says of a tuple. */
export interface Outcome {
  readonly verdict: 'allowed' | 'denied' | 'unknown';
  /** Of the question that stands for the tuple; absent where it could not be put. */
  readonly decision?: PolicyDecision;
  readonly question?: Question;
  /** Not empty exactly where the verdict is unknown. */
  readonly unknown: readonly UnknownReason[];
}

const NONE: readonly UnknownReason[] = [];

const CONTRADICTION: UnknownReason = {
  code: 'contradiction',
  detail: 'Policies contradict each other for this endpoint: Cilium keeps what it enforced before.',
};
const FOLDED_REQUESTS: UnknownReason = {
  code: 'requests-folded',
  detail: 'Requests of this pair are counted together beyond a limit, and policy decides by request.',
};
const PROXY_NOT_JUDGED: UnknownReason = {
  code: 'proxy-not-judged',
  detail: 'A proxy decides by requests of a kind that is not judged (Kafka, TLS, other parsers).',
};

/** The answer of one set for one tuple. Addresses, paths and ICMP types that get different answers make it unknown. */
export function judge(compiled: CompiledPolicies, replayed: Replayed): Outcome {
  if ('unknown' in replayed) return { verdict: 'unknown', unknown: [replayed.unknown] };
  const { questions } = replayed;
  const [first] = questions;
  if (!first) throw new RangeError('a tuple has at least one question');
  const answer = answerTo(compiled, first, replayed);
  for (const question of questions) {
    if (question === first) continue;
    const other = answerTo(compiled, question, replayed);
    if (other.verdict === answer.verdict) continue;
    if (answer.verdict === 'unknown') return answer;
    if (other.verdict === 'unknown') return other;
    return { verdict: 'unknown', question: first, unknown: [differing(first, answer, question, other)] };
  }
  return answer;
}

/** The same where nothing is known of the requests but that a proxy would now see them: allowed only if every request is. */
export function judgeUnseenRequests(compiled: CompiledPolicies, replayed: Replayed): Outcome {
  if ('unknown' in replayed) return judge(compiled, replayed);
  const questions = replayed.questions.map((question) => ({ ...question, l7: UNSEEN_REQUEST }));
  return judge(compiled, { ...replayed, questions });
}

function answerTo(compiled: CompiledPolicies, question: Question, { tuple }: Replayed): Outcome {
  const decision = decide(compiled, question);
  const { egress, ingress } = decision;
  const outcome = (verdict: Outcome['verdict'], unknown = NONE): Outcome => ({ verdict, decision, question, unknown });
  switch (decision.verdict) {
    case 'denied':
      return outcome('denied');
    case 'error':
      return outcome('unknown', [CONTRADICTION]);
    case 'unknown':
      return outcome('unknown', reasonsOf(egress, ingress));
    case 'allowed': {
      const { l7 } = tuple;
      if (l7?.kind === 'other' && (decidesByRequest(egress) || decidesByRequest(ingress)))
        return outcome('unknown', [FOLDED_REQUESTS]);
      if (l7?.kind === 'kafka' && (isOtherProxy(egress) || isOtherProxy(ingress))) return outcome('unknown', [PROXY_NOT_JUDGED]);
      return outcome('allowed');
    }
  }
}

const decidesByRequest = ({ redirect }: DirectionDecision): boolean => redirect !== undefined;
const isOtherProxy = ({ redirect }: DirectionDecision): boolean =>
  redirect !== undefined && redirect !== 'http' && redirect !== 'dns';

function reasonsOf(...directions: readonly DirectionDecision[]): readonly UnknownReason[] {
  const reasons = directions.flatMap(({ unknown }) => unknown ?? []);
  return reasons.length > 0 ? reasons : [{ code: 'unknown', detail: 'The engine cannot tell.' }];
}

/** Why one answer for all cannot be given: an example of each side. */
function differing(one: Question, first: Outcome, two: Question, second: Outcome): UnknownReason {
  const form = (question: Question): string => {
    const ends = [question.src, question.dst].flatMap((peer) =>
      'seen' in peer && peer.seen.ip !== undefined ? [peer.seen.ip] : [],
    );
    const path = question.l7 && 'http' in question.l7 ? [question.l7.http.path] : [];
    return [...ends, ...path].join(' ') || `${question.protocol} ${question.port}`;
  };
  return {
    code: 'forms-differ',
    detail: `It was seen in forms that get different answers: ${form(one)} is ${first.verdict}, ${form(two)} is ${second.verdict}.`,
  };
}
