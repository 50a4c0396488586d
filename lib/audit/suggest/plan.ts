import { replayedOf } from '#lib/audit/compare.ts';
import type { JudgeInput, ReplayTuple } from '#lib/audit/judge-input.ts';
import type { CompiledPolicies } from '#lib/policy/compile.ts';
import { labelKeysInUse } from '#lib/policy/nearest-labels.ts';
import { PolicyNames } from '#lib/policy/nearest-names.ts';
import { describePeer, type RulePeer } from '#lib/policy/nearest-peer.ts';
import { type Connection, connectionsOf, type LeftOut } from './connection.ts';
import { isDns } from './dns.ts';
import { knownPods } from './known-pods.ts';
import { type NeedOptions, needsOf } from './needs.ts';
import { identitiesOf, namePeers, type PeerWorld, type Side } from './peers.ts';
import { rulesOf, type SuggestedRule } from './rules.ts';
import { type Subject, subjectsOf } from './subjects.ts';
import type { SuggestScope } from './suggestion.ts';
import type { SuggestedPolicy } from './yaml.ts';

export interface PlannedSide {
  readonly side: Side;
  readonly rules: readonly SuggestedRule[];
}

/** The policy of one workload and what each rule of it is made of. */
export interface PlannedPolicy {
  readonly subject: Subject;
  readonly policy: SuggestedPolicy;
  readonly sides: readonly PlannedSide[];
}

export interface Plan {
  readonly policies: readonly PlannedPolicy[];
  /** Traffic of the scope that no rule is made of, each tuple once. */
  readonly leftOut: readonly LeftOut[];
  readonly guardRails: readonly string[];
  readonly connections: readonly Connection[];
}

/** What to write for a scope: one policy for each workload that traffic was seen of. The order of the tuples does not matter. */
export function planPolicies(input: JudgeInput, scope: SuggestScope, inForce: CompiledPolicies): Plan {
  const { connections, leftOut } = connectionsOf(
    input,
    inForce,
    (tuple) => touches(tuple, { ...scope, workload: undefined }) || isDns({ tuple }),
  );
  const peers: PeerWorld = {
    clusterName: input.world.config.clusterName,
    preferredKeys: labelKeysInUse(input.policies),
    identities: identitiesOf(replayedOf(input)),
  };
  const options: NeedOptions = { world: input.world, peers, l7: scope.l7, resolver: usualResolver(connections, peers) };
  const { subjects, leftOut: nameless } = subjectsOf(connections, scope, peers, knownPods(input.world));
  const left = [...leftOut, ...nameless];
  const guardRails = new Set<string>();
  const names = new PolicyNames(input.policies, scope.namespace);
  const policies = subjects.map((subject) => {
    const sides = subject.sides.map((side): PlannedSide => {
      const { needs, leftOut: unnamed, guardRails: sentences } = needsOf(side, options);
      left.push(...unnamed);
      for (const sentence of sentences) guardRails.add(sentence);
      return { side, rules: rulesOf(side.direction, needs) };
    });
    return { subject, sides, policy: policyOf(subject, sides, scope.namespace, names) };
  });
  const inScope = left.filter(({ tuple }) => touches(tuple, scope));
  return { policies, leftOut: uniqueTuples(inScope), guardRails: [...guardRails].toSorted(), connections };
}

function policyOf(subject: Subject, sides: readonly PlannedSide[], namespace: string, names: PolicyNames): SuggestedPolicy {
  const rulesIn = (direction: Side['direction']) => sides.find(({ side }) => side.direction === direction)?.rules;
  const [ingress, egress] = [rulesIn('ingress'), rulesIn('egress')];
  return {
    namespace,
    name: names.next(`${subject.workload}-seen-traffic`),
    subject: subject.choice,
    ...(ingress && { ingress }),
    ...(egress && { egress }),
  };
}

/** The resolver that most questions go to, for workloads whose own questions were not recorded. */
function usualResolver(connections: readonly Connection[], peers: PeerWorld): RulePeer | undefined {
  const flows = new Map<string, { peer: RulePeer; flows: number }>();
  for (const connection of connections) {
    if (connection.outcome !== 'passed' || !isDns(connection)) continue;
    const named = namePeers(connection, { direction: 'egress', passed: [], denied: [] }, peers);
    if ('reason' in named) continue;
    for (const peer of named) {
      const key = describePeer(peer);
      flows.set(key, { peer, flows: (flows.get(key)?.flows ?? 0) + connection.tuple.flows });
    }
  }
  return [...flows].toSorted(([a, n], [b, m]) => m.flows - n.flows || (a < b ? -1 : 1))[0]?.[1].peer;
}

const touches = ({ source, destination }: ReplayTuple, { namespace, workload, directions }: SuggestScope): boolean =>
  [directions.includes('ingress') && destination, directions.includes('egress') && source].some(
    (peer) => peer && peer.namespace === namespace && (workload === undefined || peer.workload === workload),
  );

/** Each tuple once: the first reason holds. */
const uniqueTuples = (leftOut: readonly LeftOut[]): LeftOut[] => [
  ...new Map(leftOut.toReversed().map((each) => [each.tuple, each])).values(),
];
