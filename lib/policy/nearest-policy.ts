import type { CompiledPolicies } from './compile.ts';
import { peerOf } from './decide.ts';
import type { PolicyObject, PolicyRef } from './model.ts';
import { choosesLabels, labelOf, NAMESPACE_KEY, type PodChoice } from './nearest-labels.ts';
import type { Direction, Entry } from './normalise.ts';
import { refOf } from './policy-ref.ts';
import { meetsAll } from './selector.ts';
import type { SubjectOf } from './world-index.ts';

/** A place for a rule: a policy, and where in it the list of rules is. */
export interface PolicyPlace {
  readonly object: PolicyObject;
  readonly path: readonly (string | number)[];
}

/**
 * Policies of the subject's namespace that select its workload and nobody else, those that have rules of the direction first. A rule put there lets nobody
 * pass but who was asked about.
 */
export function fittingPlaces(
  { compiled, policies }: { readonly compiled: CompiledPolicies; readonly policies: readonly PolicyObject[] },
  subject: SubjectOf,
  choice: PodChoice,
  direction: Direction,
): PolicyPlace[] {
  const objects = new Map(policies.map((object) => [refOf(object), object]));
  const namespace = labelOf(subject.identity.labels.texts, NAMESPACE_KEY) ?? '';
  const entries = [...compiled.policyOf(subject).ingress.entries, ...compiled.policyOf(subject).egress.entries];
  const places = new Map<string, PolicyPlace & { readonly score: number }>();
  for (const entry of entries) {
    const object = objects.get(entry.policy);
    if (!object || object.kind === 'CiliumClusterwideNetworkPolicy' || !selectsOnly(entry, compiled, choice, namespace)) continue;
    const spec = specPath(entry.path);
    const key = `${entry.policy} ${spec.join('.')}`;
    const score = (object.kind === 'CiliumNetworkPolicy' ? 4 : 0) + (entry.direction === direction && !entry.deny ? 2 : 0);
    if ((places.get(key)?.score ?? -1) < score) places.set(key, { object, path: [...spec, direction], score });
  }
  return [...places.values()].toSorted((a, b) => b.score - a.score || orderOf(a.object, b.object));
}

const orderOf = (a: PolicyObject, b: PolicyObject): number => (refOf(a) < refOf(b) ? -1 : 1);

/** `specs[1].egress[0]` is in `specs`, 1. */
function specPath(path: string): (string | number)[] {
  const index = /^specs\[(\d+)\]/.exec(path)?.[1];
  return index === undefined ? ['spec'] : ['specs', Number(index)];
}

const selections = new WeakMap<CompiledPolicies, Map<PolicyRef, boolean>>();

/** Whether everybody in the world that the entry's policy selects is of the workload. */
function selectsOnly(
  { policy, path, subject }: Entry,
  compiled: CompiledPolicies,
  choice: PodChoice,
  namespace: string,
): boolean {
  let known = selections.get(compiled);
  if (!known) selections.set(compiled, (known = new Map()));
  const key = `${policy} ${specPath(path).join('.')} ${JSON.stringify(choice)} ${namespace}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const isOnly = compiled.world.endpoints.every((endpoint) => {
    if (endpoint.namespace !== namespace) return true;
    const { labels } = peerOf(compiled, { endpoint: endpoint.id }).identity;
    return meetsAll(subject.requirements, labels) === 'no' || choosesLabels(choice, labels.texts);
  });
  // With no pods to compare, a selector without conditions of its own selects all of the namespace.
  const answer = isOnly && subject.requirements.some(({ key: label }) => label !== NAMESPACE_KEY);
  known.set(key, answer);
  return answer;
}
