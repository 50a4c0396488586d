import type { JudgeInput } from '#lib/audit/judge-input.ts';
import type { Connection } from '#lib/audit/suggest/connection.ts';
import { planPolicies } from '#lib/audit/suggest/plan.ts';
import type { SuggestScope } from '#lib/audit/suggest/suggestion.ts';
import { policyObject } from '#lib/audit/suggest/yaml.ts';
import { type CompiledPolicies, compilePolicies } from '#lib/policy/compile.ts';
import { decide } from '#lib/policy/decide.ts';

/**
 * The law of suggestions: judged alone, a suggested set lets pass every tuple that it was made from, and of what was refused in the same traffic nothing.
 * Gives what breaks it. A side answers for its own: requests to a pod are judged where they arrive, questions to a resolver where they leave.
 */
export function roundTripFaults(input: JudgeInput, scope: SuggestScope): string[] {
  const plan = planPolicies(input, scope, compilePolicies(input.world, input.policies));
  const set = compilePolicies(
    input.world,
    plan.policies.map(({ policy }) => policyObject(policy)),
  );
  return plan.policies.flatMap(({ policy, sides }) =>
    sides.flatMap(({ side, rules }) => {
      const made = new Set(rules.flatMap(({ needs }) => needs.flatMap(({ connections }) => connections)));
      const lost = [...made]
        .filter((connection) => !passes(set, connection, side.direction))
        .map((one) => `${policy.name} loses ${told(one)}`);
      const leaked = side.denied.filter((one) => judgedHere(one, side.direction) && passes(set, one, side.direction));
      return [...lost, ...leaked.map((one) => `${policy.name} lets in ${told(one)}`)];
    }),
  );
}

const passes = (set: CompiledPolicies, { questions }: Connection, direction: 'ingress' | 'egress'): boolean =>
  questions.every((question) => {
    const { verdict, l7, reason } = decide(set, question)[direction];
    // Cilium lets the local host in by itself: no policy without a deny rule can refuse it.
    return reason !== 'localhost' && verdict === 'allowed' && l7 !== 'denied' && l7 !== 'unknown';
  });

function judgedHere({ tuple }: Connection, direction: 'ingress' | 'egress'): boolean {
  if (tuple.l7?.kind === 'dns') return direction === 'egress';
  return tuple.l7 === null || direction === 'ingress' || tuple.destination.namespace === '';
}

const told = ({ tuple }: Connection): string =>
  `${tuple.source.name} > ${tuple.destination.name} ${tuple.protocol}/${tuple.port} ${JSON.stringify(tuple.l7)} ${JSON.stringify(tuple.seen)}`;
