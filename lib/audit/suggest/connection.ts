import type { JudgeInput, ReplayPeer, ReplayTuple } from '#lib/audit/judge-input.ts';
import type { Outcome as InForce } from '#lib/audit/judge.ts';
import { outcomesOf, replayedOf } from '#lib/audit/compare.ts';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import type { Peer, Question, SeenPeer } from '#lib/policy/model.ts';

/** What became of a kind of traffic: let through, refused by policy, or neither (lost on the way, an error of the proxy). */
export type Outcome = 'passed' | 'denied' | 'neither';

/** One end of a connection: who it is on the map, and every form in which a policy may see it. */
export interface ConnectionEnd {
  readonly peer: ReplayPeer;
  readonly forms: readonly SeenPeer[];
}

/** A replayed tuple with what became of it. */
export interface Connection {
  readonly tuple: ReplayTuple;
  readonly questions: readonly Question[];
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
  readonly outcome: Outcome;
  /** It was refused at times as well: somebody should know before it is allowed. */
  readonly mixed: boolean;
  /** It passed only because denials were reported and not made. */
  readonly audited: boolean;
  /** Directions in which the set in force has the two ends authenticate each other. */
  readonly authenticated: readonly ('ingress' | 'egress')[];
  /** It was dropped for want of that authentication. */
  readonly unauthenticated: boolean;
}

/** Why no rule is made of a tuple. */
export interface LeftOut {
  readonly tuple: ReplayTuple;
  readonly reason: string;
}

const NOT_ASKED: InForce = { verdict: 'unknown', unknown: [] };
const PASSING: ReadonlySet<string> = new Set(['FORWARDED', 'REDIRECTED', 'AUDIT', 'TRACED', 'TRANSLATED']);
/** Drop reasons that a policy makes; the proxy's refusals carry none. */
const BY_POLICY: ReadonlySet<string> = new Set(['POLICY_DENIED', 'POLICY_DENY', '']);

/**
 * Tuples as connections, and those that no rule is made of, both in the order of their ids. What the set in force says tells what was refused once from
 * what is refused now; without any policy it says nothing. Only tuples that `isWanted` takes.
 */
export function connectionsOf(
  input: JudgeInput,
  inForce: CompiledPolicies,
  isWanted: (tuple: ReplayTuple) => boolean,
): { connections: Connection[]; leftOut: LeftOut[] } {
  const replayed = replayedOf(input);
  const outcomes = input.policies.length > 0 ? outcomesOf(inForce, replayed) : [];
  const judged = replayed.flatMap((each, index) => (isWanted(each.tuple) ? [{ each, now: outcomes[index] ?? NOT_ASKED }] : []));
  const connections: Connection[] = [];
  const leftOut: LeftOut[] = [];
  for (const { each, now } of judged.toSorted((a, b) => (a.each.tuple.id < b.each.tuple.id ? -1 : 1))) {
    const { tuple } = each;
    if ('unknown' in each) leftOut.push({ tuple, reason: each.unknown.detail });
    else {
      const { reason, ...connection } = connectionOf(tuple, each.questions, now);
      connections.push(connection);
      if (reason) leftOut.push({ tuple, reason });
    }
  }
  return withoutRequestsOfRefused(connections, leftOut);
}

/** Requests of a connection that was itself refused elsewhere rest on nothing: they are refused with it. */
function withoutRequestsOfRefused(
  connections: Connection[],
  leftOut: LeftOut[],
): { connections: Connection[]; leftOut: LeftOut[] } {
  const refused = new Set(connections.filter(({ tuple, outcome }) => tuple.l7 === null && outcome === 'denied').map(wireOf));
  const settled = connections.map((connection): Connection => {
    if (connection.tuple.l7 === null || connection.outcome !== 'passed' || !refused.has(wireOf(connection))) return connection;
    leftOut.push({ tuple: connection.tuple, reason: 'The connection that it was made on was refused.' });
    return { ...connection, outcome: 'denied' };
  });
  return { connections: settled, leftOut };
}

/** Equal for what is the same to a policy that does not look at requests. */
const wireOf = ({ tuple: { source, destination, protocol, port } }: Connection): string =>
  JSON.stringify([source.name, source.labels, destination.name, destination.labels, protocol, port]);

function connectionOf(
  tuple: ReplayTuple,
  questions: readonly Question[],
  { verdict: now, decision }: InForce,
): Connection & { readonly reason?: string } {
  const passed = tuple.seen.some(({ verdict }) => PASSING.has(verdict));
  const denied = tuple.seen.some(({ verdict, dropReason }) => verdict === 'DROPPED' && BY_POLICY.has(dropReason));
  const audited = tuple.seen.some(({ verdict }) => verdict === 'AUDIT');
  const ends = {
    tuple,
    questions,
    source: { peer: tuple.source, forms: formsOf(questions.map(({ src }) => src)) },
    destination: { peer: tuple.destination, forms: formsOf(questions.map(({ dst }) => dst)) },
    mixed: passed && denied,
    audited: passed && audited,
    authenticated: (['ingress', 'egress'] as const).filter((direction) => decision?.[direction].auth === 'required'),
    unauthenticated: tuple.seen.some(({ dropReason }) => dropReason === 'AUTH_REQUIRED'),
  };
  if (!passed) {
    const reason = denied ? 'Policy denied it.' : 'It did not arrive, for a reason that no policy gives.';
    return { ...ends, outcome: denied ? 'denied' : 'neither', reason };
  }
  if (now === 'denied' && !audited) {
    const reason = denied
      ? 'It passed one end or at times, and the set in force denies it.'
      : 'It passed although the set in force denies it: the audit says why.';
    return { ...ends, outcome: 'denied', reason };
  }
  if (denied && now !== 'allowed')
    return { ...ends, outcome: 'denied', reason: 'It was let through and denied, and it is not known which holds.' };
  return { ...ends, outcome: 'passed' };
}

const formsOf = (peers: readonly Peer[]): SeenPeer[] =>
  [...new Set(peers)].flatMap((peer) => ('seen' in peer ? [peer.seen] : []));

/** Every reason with how much traffic it concerns, most first. */
export function summariseLeftOut(leftOut: readonly LeftOut[]): { reason: string; tuples: number; flows: number }[] {
  const byReason = new Map<string, { tuples: number; flows: number }>();
  for (const { tuple, reason } of leftOut) {
    const sum = byReason.get(reason) ?? { tuples: 0, flows: 0 };
    byReason.set(reason, { tuples: sum.tuples + 1, flows: sum.flows + tuple.flows });
  }
  return [...byReason]
    .map(([reason, sum]) => ({ reason, ...sum }))
    .toSorted((a, b) => b.flows - a.flows || (a.reason < b.reason ? -1 : 1));
}
