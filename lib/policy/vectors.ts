import { compilePolicies } from './compile.ts';
import { decide } from './decide.ts';
import type { DirectionDecision, PolicyDecision, PolicyObject, Question, World } from './model.ts';
import { compileNamePattern, type NameRule } from './name-pattern.ts';
import { problemsOf } from './validate.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

/** A question, a policy or a pattern answered otherwise than by Cilium. */
export interface Disagreement {
  readonly id: string;
  readonly field: string;
  readonly expected: unknown;
  readonly answer: unknown;
}

export interface Comparison {
  readonly category: string;
  /** Answers compared that agree in all fields. */
  readonly agree: number;
  readonly disagreements: readonly Disagreement[];
}

/** Compares a file of test vectors (flow, validation or name patterns) with the engine. Throws a TypeError for what is no such file. */
export function compareVectorFile(file: unknown): Comparison {
  const { category, vectors } = recordOf(file);
  if (typeof category !== 'string' || !Array.isArray(vectors)) throw new TypeError('is no file of policy vectors');
  let agree = 0;
  const disagreements: Disagreement[] = [];
  for (const vector of listOf(vectors))
    for (const result of compareVector(recordOf(vector))) {
      if (result.length === 0) agree += 1;
      else disagreements.push(...result);
    }
  return { category, agree, disagreements };
}

/** One list of disagreements for each answer. */
function compareVector(vector: Readonly<Record<string, unknown>>): Disagreement[][] {
  if ('queries' in vector) return compareFlows(vector as unknown as FlowVector);
  if ('policy' in vector) return [compareValidation(vector as unknown as ValidationVector)];
  if ('rule' in vector) return comparePattern(vector as unknown as PatternVector);
  throw new TypeError(`${String(vector['id'])} is no vector of a known kind`);
}

interface FlowVector {
  readonly id: string;
  readonly world: Partial<World>;
  readonly policies: readonly PolicyObject[] | null;
  readonly queries: readonly FlowQuery[];
}

interface FlowQuery extends Omit<Question, 'protocol'> {
  readonly id?: string;
  readonly proto: Question['protocol'];
  readonly expected: {
    readonly verdict: PolicyDecision['verdict'];
    readonly egress: Partial<DirectionDecision>;
    readonly ingress: Partial<DirectionDecision>;
  };
  readonly unstable?: readonly string[];
}

interface ValidationVector {
  readonly id: string;
  readonly policy: unknown;
  readonly expected: { readonly schemaValid: boolean; readonly sanitizeValid: boolean };
}

interface PatternVector {
  readonly id: string;
  readonly kind: 'fqdn' | 'dns';
  readonly rule: NameRule;
  readonly valid: boolean;
  readonly names?: Readonly<Record<string, boolean>>;
}

/** Fields of a direction that are compared, and what their absence means. */
const FIELDS = {
  enforced: false,
  defaultDeny: false,
  verdict: undefined,
  reason: undefined,
  matchAllow: [],
  matchDeny: [],
  auth: undefined,
  redirect: undefined,
  l7: undefined,
} as const;

function compareFlows({ id, world, policies, queries }: FlowVector): Disagreement[][] {
  const compiled = compilePolicies(worldOf(world), policies ?? []);
  return queries.map(({ proto, src, dst, port, l7, expected, unstable = [], ...query }, index) => {
    const answer = decide(compiled, { src, dst, protocol: proto, port, ...(l7 && { l7 }) });
    const place = `${id}/${query.id ?? index}`;
    const differences = difference(place, 'verdict', expected.verdict, answer.verdict);
    for (const direction of ['egress', 'ingress'] as const)
      for (const [field, absent] of Object.entries(FIELDS)) {
        const name = `${direction}.${field}`;
        if (unstable.includes(name)) continue;
        const wanted = expected[direction][field as keyof typeof FIELDS] ?? absent;
        differences.push(...difference(place, name, wanted, answer[direction][field as keyof typeof FIELDS]));
      }
    return differences;
  });
}

/** A vector's world in full, without the labels that it gives identities: they are an output. */
export function worldOf(world: Partial<World>): World {
  const bare = <T extends object>(items: readonly T[] | null | undefined): T[] =>
    (items ?? []).map((item) => Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'identityLabels')) as T);
  return {
    config: world.config ?? {},
    namespaces: world.namespaces ?? {},
    endpoints: bare(world.endpoints),
    nodes: bare(world.nodes),
    ips: bare(world.ips),
    fqdnCache: world.fqdnCache ?? {},
    cidrGroups: world.cidrGroups ?? [],
    services: world.services ?? [],
  };
}

function compareValidation({ id, policy, expected }: ValidationVector): Disagreement[] {
  const layers = new Set(problemsOf(policy).map(({ layer }) => layer));
  return [
    ...difference(id, 'schemaValid', expected.schemaValid, !layers.has('schema')),
    ...difference(id, 'sanitizeValid', expected.sanitizeValid, !layers.has('engine')),
  ];
}

function comparePattern({ id, kind, rule, valid, names = {} }: PatternVector): Disagreement[][] {
  const pattern = compileNamePattern(rule, kind);
  const matches = valid && isRecord(names) ? Object.entries(names) : [];
  return [
    difference(id, 'valid', valid, pattern.valid),
    ...matches.map(([name, expected]) => difference(`${id}/${name}`, 'matches', expected, pattern.matches(name))),
  ];
}

const difference = (id: string, field: string, expected: unknown, answer: unknown): Disagreement[] =>
  JSON.stringify(expected) === JSON.stringify(answer) ? [] : [{ id, field, expected, answer }];
