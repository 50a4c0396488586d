import 'server-only';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { decide, peerOf } from '#lib/policy/decide.ts';
import type { DirectionDecision, Question } from '#lib/policy/model.ts';
import { questionOf } from '#lib/world/question.ts';
import type { AskOf } from '../asks.ts';
import type { Desk } from '../desk.ts';

interface Says {
  /** References, sorted. */
  readonly policies: readonly string[];
  /** The engine decides as was observed. */
  readonly agrees: boolean;
}

/** Which policies of the set in force decide flows in the direction in which they were seen; null where that cannot be told. */
export function answerGoverning(
  desk: Desk,
  cluster: string,
  { flows }: AskOf<'governing'>,
): { readonly setHash: string; readonly says: readonly (Says | null)[] } {
  const { inventory } = desk.facts(cluster);
  const { compiled, hash } = desk.inForce(cluster);
  const says = flows.map((flow): Says | null => {
    const asked = questionOf(flow, { inventory });
    if (!asked.ok) return null;
    const direction = flow.trafficDirection === 'INGRESS' ? 'ingress' : 'egress';
    try {
      const decision = decide(compiled, asked.question)[direction];
      const isDenied = flow.verdict === 'DROPPED' || flow.verdict === 'AUDIT';
      // A policy that wants authentication lets nothing through until there is one.
      const waits = flow.dropReason === 'AUTH_REQUIRED' && decision.auth !== undefined;
      return saysOf(compiled, asked.question, direction, decision, isDenied && !waits);
    } catch (error) {
      if (error instanceof RangeError) return null; // an end that is not in the world any more
      throw error;
    }
  });
  return { setHash: hash, says };
}

function saysOf(
  compiled: CompiledPolicies,
  question: Question,
  direction: 'ingress' | 'egress',
  decision: DirectionDecision,
  wasDenied: boolean,
): Says | null {
  const denies = decision.verdict === 'denied' || decision.l7 === 'denied';
  if (decision.verdict === 'error' || (decision.verdict === 'unknown' && !denies)) return null;
  const policies = denies ? denying(compiled, question, direction, decision) : decision.matchAllow;
  return { policies: [...new Set(policies)].toSorted(), agrees: denies === wasDenied };
}

/** By a rule, or because policies close the end and no rule opens it: those govern it then. */
function denying(
  compiled: CompiledPolicies,
  { src, dst }: Question,
  direction: 'ingress' | 'egress',
  { matchDeny, matchAllow, verdict }: DirectionDecision,
): readonly string[] {
  if (matchDeny.length > 0) return matchDeny;
  if (verdict !== 'denied') return matchAllow; // the request is denied by policies that open the port to others
  const { subject } = peerOf(compiled, direction === 'ingress' ? dst : src);
  if (!subject) return [];
  const { [direction]: own } = compiled.policyOf(subject);
  return own.entries.filter(({ defaultDeny }) => defaultDeny).map(({ policy }) => policy);
}
