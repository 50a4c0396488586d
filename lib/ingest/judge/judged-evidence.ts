import 'server-only';
import { outcomesOf, replayedOf } from '#lib/audit/compare.ts';
import type { JudgeInput, ReplayTuple } from '#lib/audit/judge-input.ts';
import type { Outcome } from '#lib/audit/judge.ts';
import { passed } from '#lib/audit/tuple-text.ts';
import { listSets } from '#lib/db/policies/sets.ts';
import { DAY_MS, MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import type { AuthenticationCount, JudgedEvidence, JudgedTuple } from '#lib/migration/evaluate/evidence.ts';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { problemsOf } from '#lib/policy/validate.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts } from '#lib/world/object.ts';
import type { Desk } from './desk.ts';

const WEEK_MS = 7 * DAY_MS;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_PAIRS = 20;

/** What the policy engine says of the traffic of a cluster whose policies are known. */
export async function judgedEvidence(desk: Desk, cluster: string, now: number): Promise<JudgedEvidence> {
  const to = now - (now % MINUTE_MS) + MINUTE_MS;
  const { compiled, policies } = desk.inForce(cluster);
  const day = await desk.input(cluster, { range: { from: to - DAY_MS, to } });
  desk.goOn();
  const week = await desk.input(cluster, { range: { from: to - WEEK_MS, to } });
  desk.goOn();
  return {
    audit: auditOf(day, compiled),
    wouldDeny: await wouldDenyOf(desk, cluster, week, compiled),
    invalid: policies.flatMap(invalidOf),
    policies: policies.length,
  };
}

/** Tuples with an AUDIT verdict, by what the policies in force say of them now. */
function auditOf(input: JudgeInput, compiled: CompiledPolicies): JudgedEvidence['audit'] {
  const audited = outcomesIn(input, compiled).filter(({ tuple }) => tuple.seen.some(({ verdict }) => verdict === 'AUDIT'));
  const unexplained = audited.filter(({ outcome }) => isDenied(outcome));
  const unknown = audited.filter(({ outcome }) => outcome.verdict === 'unknown' && !isDenied(outcome));
  return { tuples: audited.length, unexplained: named(unexplained.map(({ tuple }) => tuple)), unknown: unknown.length };
}

/** What the watched sets, or else the policies in force once they are enforced, would deny of traffic that passed. The set that denies most counts. */
async function wouldDenyOf(
  desk: Desk,
  cluster: string,
  input: JudgeInput,
  inForce: CompiledPolicies,
): Promise<JudgedEvidence['wouldDeny']> {
  const watched = (await listSets(desk.db, cluster)).filter(({ set }) => set.watched);
  const candidates = watched.map(({ set }) => ({
    by: `The watched set ${set.name}`,
    compiled: desk.candidate(cluster, { yaml: set.yaml, mode: set.mode, removes: set.removes }).compiled,
  }));
  const all = candidates.length > 0 ? candidates : [{ by: 'The policies in force', compiled: inForce }];
  const counts = all.map(({ by, compiled }) => {
    const judged = outcomesIn(input, compiled).filter(({ tuple }) => passed(tuple.seen));
    const denied = judged.filter(({ outcome }) => isDenied(outcome)).map(({ tuple }) => tuple);
    return {
      by,
      tuples: judged.length,
      denied: named(denied),
      unknown: judged.filter(({ outcome }) => outcome.verdict === 'unknown').length,
    };
  });
  return counts.toSorted((a, b) => b.denied.length - a.denied.length || b.unknown - a.unknown)[0] as JudgedEvidence['wouldDeny']; // there is one at least
}

interface Judged {
  readonly tuple: ReplayTuple;
  readonly outcome: Outcome;
}

function outcomesIn(input: JudgeInput, compiled: CompiledPolicies): Judged[] {
  const outcomes = outcomesOf(compiled, replayedOf(input));
  return input.tuples.flatMap((tuple, index) => {
    const outcome = outcomes[index];
    return outcome ? [{ tuple, outcome }] : [];
  });
}

/** Denied, or denied once audit mode is off. */
function isDenied({ verdict, decision }: Outcome): boolean {
  if (verdict === 'denied') return true;
  return [decision?.egress, decision?.ingress].some((direction) => direction?.verdict === 'denied' && direction.audit === true);
}

const named = (tuples: readonly ReplayTuple[]): JudgedTuple[] =>
  tuples.map(({ source, destination, protocol, port, flows, lastSeen }) => ({
    name: `${source.name} → ${destination.name} ${protocol}${port > 0 ? `/${port}` : ''}`,
    flows,
    lastSeen,
  }));

/** Why a policy is not enforced as it stands: what the operator says of it, or what validation finds. */
function invalidOf(policy: PolicyObject): { policy: string; reason: string }[] {
  const status = part(policy as unknown as Parameters<typeof part>[0], 'status');
  const condition = parts(status, 'conditions').find((each) => own(each, 'type') === 'Valid');
  if (condition && objectText(own(condition, 'status')) === 'False')
    return [{ policy: refOf(policy), reason: objectText(own(condition, 'message')) || 'the operator says that it is not valid' }];
  const [problem] = problemsOf(policy).filter(({ layer }) => layer !== 'lint');
  return problem ? [{ policy: refOf(policy), reason: `${problem.path}: ${problem.message}` }] : [];
}

/**
 * Of the last hour: flows of pairs that a policy wants authenticated, at the end where it does. Hubble names authentication where it names policies: on
 * policy verdicts.
 */
export async function authenticationOf(desk: Desk, cluster: string, now: number): Promise<AuthenticationCount> {
  const to = now - (now % MINUTE_MS) + MINUTE_MS;
  const range = { from: to - HOUR_MS, to };
  const input = await desk.input(cluster, { range });
  const { compiled } = desk.inForce(cluster);
  const wanted = new Set(
    outcomesIn(input, compiled).flatMap(({ tuple, outcome: { decision } }) => {
      const key = keyOf(tuple.source.name, tuple.destination.name, tuple.protocol, tuple.port);
      return [
        ...(decision?.egress.auth === 'required' ? [`EGRESS ${key}`] : []),
        ...(decision?.ingress.auth === 'required' ? [`INGRESS ${key}`] : []),
      ];
    }),
  );
  const { traffic } = await desk.trafficFacts(cluster, range, 0);
  const count = { asked: 0, authenticated: 0, refused: 0 };
  const pairs: string[] = [];
  for (const each of traffic) {
    const key = keyOf(each.source.node, each.destination.node, each.protocol, each.port);
    const refused = each.dropReason === 'AUTH_REQUIRED';
    if (refused) count.refused += each.flows;
    const asked = wanted.has(`${each.direction} ${key}`) && each.policies.length > 0 && each.verdict !== 'DROPPED';
    const proven = asked && each.auth !== '' && each.auth !== 'DISABLED';
    if (asked) count.asked += each.flows;
    if (proven) count.authenticated += each.flows;
    if ((refused || (asked && !proven)) && pairs.length < MOST_PAIRS)
      pairs.push(`${key}: ${refused ? 'AUTH_REQUIRED' : 'not authenticated'}`);
  }
  return { ...count, pairs };
}

const keyOf = (source: string, destination: string, protocol: string, port: number): string =>
  `${source} → ${destination} ${protocol}${port > 0 ? `/${port}` : ''}`;
