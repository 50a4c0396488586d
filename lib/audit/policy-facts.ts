import { describeRule, ruleKindOf } from '#lib/policy/describe.ts';
import type { PolicyKind, PolicyObject, PolicyProblem, PolicyRef, World, WorldEndpoint } from '#lib/policy/model.ts';
import { type Direction, type Entry, entriesOf } from '#lib/policy/normalise.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { isEnforced, problemsOf } from '#lib/policy/validate.ts';
import { hashOfPolicy } from './candidate.ts';
import { workloadIdOf } from './isolated.ts';
import type { Selection } from './selected.ts';

/** Whether a policy closes the endpoints it selects in a direction, leaves them open, or has nothing for it. */
export type SideState = 'default-deny' | 'no-default-deny' | 'none';

/** What a policy is, without traffic. */
export interface PolicyFacts {
  readonly ref: PolicyRef;
  readonly kind: PolicyKind;
  /** Empty for a clusterwide one. */
  readonly namespace: string;
  readonly name: string;
  /** `specHash`. */
  readonly hash: string;
  readonly generation: number | undefined;
  /** It is enforced: Cilium's agent accepts it. */
  readonly valid: boolean;
  readonly problems: readonly PolicyProblem[];
  /** The cluster's own word, where it states one. */
  readonly reported: { readonly valid: boolean; readonly message: string } | undefined;
  readonly ingress: SideState;
  readonly egress: SideState;
  readonly rules: readonly RuleFacts[];
  /** Endpoints it selects. */
  readonly endpoints: readonly WorldEndpoint[];
  /** Their workloads, sorted. */
  readonly workloads: readonly string[];
}

export interface RuleFacts {
  readonly path: string;
  readonly direction: Direction;
  readonly kind: 'allow' | 'deny';
  /** In words. */
  readonly text: string;
}

/** What a policy is in a world. One that Cilium refuses has rules to show, but selects nobody. */
export function policyFacts(object: PolicyObject, world: World, selection: Selection): PolicyFacts {
  const problems = problemsOf(object, world.config);
  const valid = isEnforced(problems);
  const entries = safely(() =>
    entriesOf(object, {
      config: world.config,
      services: world.services,
      servicesMissing: world.missing?.includes('services') ?? false,
    }),
  );
  const endpoints = valid ? selection.of(entries.map(({ subject }) => subject)) : [];
  const { namespace = '', name = '', generation } = object.metadata;
  return {
    ref: refOf(object),
    kind: object.kind,
    namespace: object.kind === 'CiliumClusterwideNetworkPolicy' ? '' : namespace || 'default',
    name,
    hash: hashOfPolicy(object),
    generation,
    valid,
    problems,
    reported: reportedOf(object.status),
    ingress: sideOf(entries, 'ingress'),
    egress: sideOf(entries, 'egress'),
    rules: entries.filter(({ path }) => path.endsWith(']')).map(({ path }) => ruleOf(object, path)),
    endpoints,
    workloads: [...new Set(endpoints.map(workloadIdOf))].toSorted(),
  };
}

const ruleOf = (object: PolicyObject, path: string): RuleFacts => ({
  path,
  ...ruleKindOf(path),
  text: safely(() => [describeRule(object, path)]).join(''),
});

function sideOf(entries: readonly Entry[], direction: Direction): SideState {
  const own = entries.filter((entry) => entry.direction === direction);
  if (own.length === 0) return 'none';
  return own.some(({ defaultDeny }) => defaultDeny) ? 'default-deny' : 'no-default-deny';
}

/** The condition `Valid` of a policy's status. */
function reportedOf(status: unknown): PolicyFacts['reported'] {
  const conditions = fieldOf(status, 'conditions');
  if (!Array.isArray(conditions)) return undefined;
  const valid: unknown = conditions.find((condition) => fieldOf(condition, 'type') === 'Valid');
  if (valid === undefined) return undefined;
  const message = fieldOf(valid, 'message');
  return { valid: fieldOf(valid, 'status') === 'True', message: typeof message === 'string' ? message.slice(0, 1000) : '' };
}

const fieldOf = (value: unknown, field: string): unknown =>
  value instanceof Object && Object.hasOwn(value, field) ? (value as Record<string, unknown>)[field] : undefined;

/** A policy that breaks the rules of its kind may be of any shape: nothing is read from what cannot be. */
function safely<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}
