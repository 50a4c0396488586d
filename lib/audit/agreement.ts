import { isPolicyDrop } from '#lib/flow/drops.ts';
import type { Flow } from '#lib/flow/flow.ts';
import type { DirectionDecision, PolicyDecision, Question } from '#lib/policy/model.ts';
import { isUnknownIdentity, type Inventory } from '#lib/world/inventory.ts';
import { questionOf, type QuestionContext } from '#lib/world/question.ts';
import type { FindingKind } from './finding-kinds.ts';
import { pairKeyOf, type AuditTuple, type Observed } from './tuple.ts';

/** The engine, with the policies that were in force. */
export type Decide = (question: Question) => PolicyDecision;

/** What policy says of a tuple, and whether what was seen follows from it. */
export interface JudgedTuple extends AuditTuple {
  /** Null where the engine cannot be asked. */
  readonly expected: PolicyDecision | null;
  readonly agree: Agreement;
  /** The kind of finding that it belongs to. */
  readonly finding?: FindingKind;
  /** Why it is not judgeable, or what the agreement rests on. */
  readonly note?: string;
}

export type Agreement = true | false | 'not judgeable';
export type Judgement = Pick<JudgedTuple, 'agree' | 'finding' | 'note'>;

/**
 * Judges all tuples of a recording. Verdicts come first: what a node decided when a connection began explains the traces and requests that follow.
 */
export function judgeTuples(tuples: readonly AuditTuple[], context: QuestionContext, decide: Decide): JudgedTuple[] {
  const verdicts = new Map<string, 'gap' | 'audit'>();
  const judged = new Map<AuditTuple, JudgedTuple>();
  for (const tuple of tuples) {
    if (tuple.event !== 'policy-verdict') continue;
    const result = judgeTuple(tuple, context, decide, undefined);
    judged.set(tuple, result);
    if (result.finding === 'enforcement-gap') verdicts.set(connectionKey(tuple), 'gap');
    else if (tuple.observed.verdict === 'AUDIT') verdicts.set(connectionKey(tuple), 'audit');
  }
  return tuples.map((tuple) => judged.get(tuple) ?? judgeTuple(tuple, context, decide, verdicts.get(connectionKey(tuple))));
}

/** Ends, protocol, port and direction: what a policy verdict is about. */
export const connectionKey = (tuple: AuditTuple): string => `${tuple.direction} ${pairKeyOf(tuple)}`;

function judgeTuple(
  tuple: AuditTuple,
  context: QuestionContext,
  decide: Decide,
  verdict: 'gap' | 'audit' | undefined,
): JudgedTuple {
  const unknown = [tuple.source, tuple.destination].find(({ identity }) => isUnknownIdentity(identity, context.inventory));
  if (unknown) {
    const note = `identity ${unknown.identity} is no CiliumIdentity`;
    return { ...tuple, expected: null, agree: 'not judgeable', finding: 'unknown-identity', note };
  }
  // All flows of a tuple have equal identities, so they have one answer; where named ports of pods make a difference, the least good one counts.
  const answers = tuple.examples.map((flow): JudgedTuple => {
    const asked = questionOf(flow, context);
    const expected = asked.ok ? decide(asked.question) : null;
    const earlier = verdict ?? (audits(flow, context.inventory) ? 'audit' : undefined);
    const direction = expected && expected[sideOf(tuple)];
    return { ...tuple, expected, ...agreementOf(tuple, direction, earlier, asked.ok ? '' : asked.detail) };
  });
  const [worst] = answers.toSorted((a, b) => ORDER.indexOf(a.agree) - ORDER.indexOf(b.agree));
  return worst ?? { ...tuple, expected: null, agree: 'not judgeable' };
}

const ORDER: readonly Agreement[] = [false, 'not judgeable', true];

/** The direction in which a tuple was seen, as decisions name it. */
export const sideOf = ({ direction }: Pick<AuditTuple, 'direction'>): 'egress' | 'ingress' =>
  direction === 'EGRESS' ? 'egress' : 'ingress';

/** Whether the endpoint that judged a flow only reports denials, as its CiliumEndpoint says. */
function audits({ trafficDirection, source, destination }: Flow, { pods }: Inventory): boolean {
  const [subject, side] = trafficDirection === 'EGRESS' ? ([source, 'egress'] as const) : ([destination, 'ingress'] as const);
  return pods.get(`${subject.namespace}/${subject.podName}`)?.audits[side] ?? false;
}

/**
 * Whether what was seen follows from what policy says of its direction, and if not, or if it is worth telling, which finding it is. `earlier` is the
 * verdict that the connection had when it began, where it was a gap or only an audit. `why` tells why there is nothing expected.
 */
export function agreementOf(
  seen: Pick<AuditTuple, 'event' | 'observed' | 'l7' | 'opens'>,
  expected: DirectionDecision | null,
  earlier: 'gap' | 'audit' | undefined,
  why: string,
): Judgement {
  const { event, observed, l7 } = seen;
  if (event !== 'l7' && observed.verdict === 'DROPPED' && !isPolicyDrop(observed.dropReason ?? ''))
    return notJudgeable(`${observed.dropReason ?? 'a drop without a reason'} is no policy decision`, 'drop-not-policy');
  if (observed.verdict === 'ERROR') return notJudgeable('the proxy failed, no verdict', 'proxy-error');
  if (l7 && 'kafka' in l7)
    return notJudgeable(
      'Kafka requests are not judged, only the redirect',
      observed.verdict === 'DROPPED' ? 'l7-denied' : undefined,
    );
  if (!expected) return notJudgeable(why);
  const unknown = unknownOf(expected, event);
  if (unknown) return notJudgeable(unknown);
  switch (event) {
    case 'l7':
      return ofRequest(observed.verdict, expected, earlier);
    case 'trace':
      return ofTrace(seen.opens, expected, earlier);
    case 'drop':
    case 'policy-verdict':
      return ofVerdict(observed, expected, earlier === 'audit');
  }
}

const notJudgeable = (note: string, finding?: FindingKind): Judgement => ({
  agree: 'not judgeable',
  ...(finding && { finding }),
  ...(note && { note }),
});

const agreed = (finding?: FindingKind): Judgement => ({ agree: true, ...(finding && { finding }) });
const unexplained: Judgement = { agree: false, finding: 'unexplained' };
const FOLLOWS_A_GAP: Judgement = { agree: false, finding: 'enforcement-gap', note: 'follows from a gap' };
const AUDITED: Judgement = { agree: true, finding: 'audit-verdict', note: 'let through because the endpoint only audits' };

/** Why the engine cannot tell, for a person; undefined when it can. */
function unknownOf({ verdict, l7, unknown = [] }: DirectionDecision, event: AuditTuple['event']): string | undefined {
  if (verdict === 'error') return 'its policies contradict each other: the endpoint keeps the ones it had before';
  if (verdict !== 'unknown' && !(event === 'l7' && l7 === 'unknown')) return undefined;
  return [...new Set(unknown.map(({ detail }) => detail))].join('; ') || 'what it depends on is not known';
}

/** A verdict or drop of policy against what policy says. */
function ofVerdict(observed: Observed, expected: DirectionDecision, onlyAudits: boolean): Judgement {
  const { verdict, reason, auth, redirect } = expected;
  const isAllowed = verdict === 'allowed';
  const isGap: Judgement = onlyAudits || expected.audit ? AUDITED : { agree: false, finding: 'enforcement-gap' };
  switch (observed.verdict) {
    case 'FORWARDED':
      return isAllowed ? agreed() : isGap;
    case 'REDIRECTED':
      if (!isAllowed) return isGap;
      return redirect ? agreed() : unexplained;
    case 'AUDIT':
      return isAllowed ? unexplained : agreed('audit-verdict');
    case 'DROPPED':
      switch (observed.dropReason) {
        case 'POLICY_DENIED':
          return reason === 'default-deny' ? agreed('default-deny-drop') : unexplained;
        case 'POLICY_DENY':
          return reason === 'deny-rule' ? agreed('deny-rule-drop') : unexplained;
        default:
          return isAllowed && auth ? agreed('auth-required-drop') : unexplained;
      }
    default:
      return notJudgeable(`${observed.verdict} is no policy decision`);
  }
}

/** A packet on its way was let through: by policy, because its endpoint audits, or against policy. */
function ofTrace(opens: boolean, expected: DirectionDecision, earlier: 'gap' | 'audit' | undefined): Judgement {
  if (expected.verdict === 'allowed') return agreed();
  if (earlier === 'audit' || expected.audit) return AUDITED;
  if (earlier === 'gap') return FOLLOWS_A_GAP;
  // Connection tracking lets established connections go on when policy changes.
  return opens ? unexplained : notJudgeable('no verdict was recorded for it: the connection may be older than the policies');
}

/** A proxy's decision about a request against the rules of the traffic's direction. */
function ofRequest(observed: string, expected: DirectionDecision, earlier: 'gap' | 'audit' | undefined): Judgement {
  if (expected.verdict === 'denied') {
    if (earlier === 'gap') return FOLLOWS_A_GAP;
    if (earlier === 'audit' || expected.audit) return AUDITED;
    return notJudgeable('policy denies its connection, which may be older than the policies');
  }
  const isAllowed = expected.l7 !== 'denied';
  if (observed === 'DROPPED') return isAllowed ? unexplained : agreed('l7-denied');
  return isAllowed ? agreed() : { agree: false, finding: 'l7-outside-policy' };
}
