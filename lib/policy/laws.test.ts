import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naiveEngine } from '#lib/testing/naive-policy.ts';
import { anyDeny, anyPolicies, anyQuestion, anyWorld } from '#lib/testing/policy-arbitraries.ts';
import { type CompiledPolicies, compilePolicies, recompile } from './compile.ts';
import { decide } from './decide.ts';
import type { DirectionDecision, PolicyDecision, PolicyObject, Question } from './model.ts';
import { refOf } from './policy-ref.ts';

const questions = fc.array(anyQuestion, { minLength: 1, maxLength: 12 });
const RUNS = { numRuns: 300 };

const l4 = ({ verdict, matchAllow, matchDeny }: DirectionDecision) => ({ verdict, matchAllow, matchDeny });

/** An answer without its rules, whose order is that of the policies. */
function bare({ verdict, egress, ingress }: PolicyDecision) {
  const withoutRules = ({ allowRules: _allow, denyRules: _deny, ...rest }: DirectionDecision) => rest;
  return { verdict, egress: withoutRules(egress), ingress: withoutRules(ingress) };
}

test('what is compiled says what a plain reading of every rule says', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), questions, (world, policies, asked) => {
      const compiled = compilePolicies(world, policies);
      const naive = naiveEngine(world, policies);
      const answers = asked.map((question) => {
        const { egress, ingress } = decide(compiled, question);
        return { egress: l4(egress), ingress: l4(ingress) };
      });
      expect(answers).toEqual(asked.map(naive));
    }),
    { numRuns: 500 },
  );
});

test('a policy that only denies never lets more pass', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), anyDeny, questions, (world, policies, deny, asked) => {
      const before = compilePolicies(world, policies);
      const after = recompile(before, { put: [deny] });
      const denied = asked.filter((question) => decide(before, question).verdict === 'denied');
      expect(denied.filter((question) => decide(after, question).verdict !== 'denied')).toEqual([]);
    }),
    RUNS,
  );
});

test('the order of policies, and of rules and peers in them, does not matter', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), questions, (world, policies, asked) => {
      const compiled = compilePolicies(world, policies);
      const turned = compilePolicies(world, policies.map((policy) => ({ ...policy, spec: reversed(policy.spec) })).toReversed());
      expect(asked.map((question) => bare(decide(turned, question)))).toEqual(
        asked.map((question) => bare(decide(compiled, question))),
      );
    }),
    RUNS,
  );
});

/** Every list in a value the other way round; sets of conditions and unions are written as lists. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed).toReversed();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reversed(item)]));
}

test('a policy split in one for each rule says the same', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), questions, (world, policies, asked) => {
      const compiled = compilePolicies(world, policies);
      const split = compilePolicies(world, policies.flatMap(splitByRule));
      const gist = (of: CompiledPolicies) => (question: Question) => {
        const { verdict, egress, ingress } = decide(of, question);
        return [verdict, egress.reason, ingress.reason, egress.enforced, ingress.enforced];
      };
      expect(asked.map(gist(split))).toEqual(asked.map(gist(compiled)));
    }),
    RUNS,
  );
});

function splitByRule(object: PolicyObject): PolicyObject[] {
  if (object.kind === 'NetworkPolicy') return [object];
  const { ingress = [], egress = [], ingressDeny = [], egressDeny = [], ...rest } = object.spec as Record<string, unknown[]>;
  const rules = Object.entries({ ingress, egress, ingressDeny, egressDeny }).flatMap(([section, list]) =>
    list.map((rule) => ({ ...rest, [section]: [rule] })),
  );
  return rules.map((spec, index) => ({
    ...object,
    metadata: { ...object.metadata, name: `${object.metadata.name}-${index}` },
    spec,
  }));
}

test('a set changed policy by policy is the set compiled anew', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), anyPolicies(), fc.nat(4), questions, (world, before, after, gone, asked) => {
      let compiled = compilePolicies(world, before);
      for (const question of asked) decide(compiled, question);
      const removed = before.slice(0, gone).map(refOf);
      compiled = recompile(compiled, { put: after, remove: removed });
      const kept = before.filter(
        (policy) => !removed.includes(refOf(policy)) && !after.some((other) => refOf(other) === refOf(policy)),
      );
      const anew = compilePolicies({ ...world }, [...kept, ...after]);
      expect(asked.map((question) => bare(decide(compiled, question)))).toEqual(
        asked.map((question) => bare(decide(anew, question))),
      );
      expect(new Set(compiled.rejected.map(({ policy }) => policy))).toEqual(new Set(anew.rejected.map(({ policy }) => policy)));
    }),
    RUNS,
  );
});

test('a world of which nothing is missing leaves no question open', () => {
  fc.assert(
    fc.property(anyWorld, anyPolicies(), questions, (world, policies, asked) => {
      const compiled = compilePolicies(world, policies);
      expect(asked.filter((question) => decide(compiled, question).verdict === 'unknown')).toEqual([]);
    }),
    RUNS,
  );
});

test('an answer given with facts missing is the answer with all facts', () => {
  const missing = fc.subarray(['endpoints', 'services', 'cidrGroups', 'names', 'config'] as const);
  fc.assert(
    fc.property(anyWorld, anyPolicies(), missing, questions, (world, policies, parts, asked) => {
      const full = compilePolicies(world, policies);
      const lacking = compilePolicies(
        {
          ...world,
          missing: parts,
          ...(parts.includes('services') && { services: [] }),
          ...(parts.includes('cidrGroups') && { cidrGroups: [] }),
          ...(parts.includes('names') && { fqdnCache: {} }),
        },
        policies,
      );
      const answered = asked.filter((question) => decide(lacking, question).verdict !== 'unknown');
      const verdicts = (of: CompiledPolicies) => answered.map((question) => decide(of, question).verdict);
      expect(verdicts(lacking)).toEqual(verdicts(full));
    }),
    RUNS,
  );
});
