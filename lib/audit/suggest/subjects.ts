import { DEFAULT_CLUSTER } from '#lib/policy/labels.ts';
import { choosePods, CLUSTER_KEY, labelOf, namespaceOf, type PodChoice } from '#lib/policy/nearest-labels.ts';
import { strangerKey } from './confidence.ts';
import type { Connection, LeftOut } from './connection.ts';
import { type PeerWorld, type Side, workloadKey } from './peers.ts';
import type { SuggestScope } from './suggestion.ts';

/** A workload to write a policy for, with the traffic of each direction. */
export interface Subject {
  readonly workload: string;
  readonly choice: PodChoice;
  readonly sides: readonly Side[];
}

/**
 * Workloads of the scope that traffic was seen of, by name; not those that are gone (`known` are the pods there are) and had nothing that passed. Those that no selector can name are left out with their traffic.
 */
export function subjectsOf(
  connections: readonly Connection[],
  scope: SuggestScope,
  world: PeerWorld,
  known: ReadonlySet<string> | undefined,
): { subjects: Subject[]; leftOut: LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const workloads = world.identities.get(scope.namespace) ?? new Map<string, readonly (readonly string[])[]>();
  const names = [...workloads.keys()].filter((key) => scope.workload === undefined || key === scope.workload).toSorted();
  const byWorkload = sidesOf(connections, scope, world.clusterName ?? DEFAULT_CLUSTER);
  const subjects = names.flatMap((key): Subject[] => {
    const sides = byWorkload.get(key) ?? [];
    if (sides.length === 0) return [];
    const others = [...workloads].flatMap(([other, sets]) => (other === key ? [] : sets));
    const isStranger = known && workloads.get(key)?.every((labels) => !known.has(strangerKey(labels)));
    if (isStranger && sides.every(({ passed }) => passed.length === 0)) return [];
    const settled = sides.map((side) => settle(side, leftOut));
    const choice = choosePods(workloads.get(key) ?? [], others, world.preferredKeys);
    if (choice) return [{ workload: nameOf(key, choice), choice, sides: settled }];
    for (const { tuple } of settled.flatMap(({ passed }) => passed))
      leftOut.push({ tuple, reason: 'The labels of its own pods do not outlast a rollout: no selector can name them.' });
    return [];
  });
  return { subjects, leftOut };
}

function sidesOf(
  connections: readonly Connection[],
  { namespace, directions }: SuggestScope,
  cluster: string,
): Map<string, Side[]> {
  const found = new Map<string, { direction: Side['direction']; passed: Connection[]; denied: Connection[] }[]>();
  for (const connection of connections)
    for (const [place, direction] of directions.entries()) {
      if (connection.outcome === 'neither') continue;
      const { peer, forms } = direction === 'ingress' ? connection.destination : connection.source;
      const labels = forms[0]?.labels ?? [];
      // Pods of another cluster are judged there.
      if (namespaceOf(labels) !== namespace || (labelOf(labels, CLUSTER_KEY) ?? cluster) !== cluster) continue;
      const key = workloadKey(peer);
      const sides = found.get(key) ?? directions.map((each) => ({ direction: each, passed: [], denied: [] }));
      found.set(key, sides);
      sides[place]?.[connection.outcome].push(connection);
    }
  return found;
}

/** What one pod of the workload was refused is refused to all: a policy is for the workload, whatever else its labels say. */
function settle(side: Side, leftOut: LeftOut[]): Side {
  const refused = new Set(side.denied.map((connection) => soughtBy(connection, side)));
  const isRefused = (connection: Connection) =>
    refused.has(soughtBy(connection, side)) ||
    refused.has(soughtBy({ ...connection, tuple: { ...connection.tuple, l7: null } }, side));
  const fallen = side.passed.filter(isRefused);
  if (fallen.length === 0) return side;
  leftOut.push(...fallen.map(({ tuple }) => ({ tuple, reason: 'Other pods of the same workload were refused it.' })));
  return { ...side, passed: side.passed.filter((one) => !isRefused(one)), denied: [...side.denied, ...fallen] };
}

function soughtBy({ tuple, ...ends }: Connection, { direction }: Side): string {
  const { name, labels } = direction === 'ingress' ? ends.source.peer : ends.destination.peer;
  return JSON.stringify([name, labels, tuple.protocol, tuple.port, tuple.l7]);
}

/** A workload's name; pods that have no owner go by the label that was chosen. */
const nameOf = (key: string, choice: PodChoice): string => (key.startsWith('labels:') ? (choice.labels[0]?.value ?? '') : key);
