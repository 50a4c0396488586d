import type { JudgeInput } from '#lib/audit/judge-input.ts';
import { FlowReplay } from '#lib/audit/replay-tuples.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { PolicyObject, PolicyRef, World } from '#lib/policy/model.ts';
import { CLUSTER_KEY, labelOf } from '#lib/policy/nearest-labels.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { LearnedNames } from '#lib/world/learned-names.ts';
import { factsOf, withNames } from '#lib/world/world-builder.ts';
import { type FlowFileTally, readCluster, readFlows } from '../cluster-files.ts';
import { problemLine, readPolicyFiles } from './files.ts';

/** Files of a cluster: what it is made of, and what was seen of it. */
export interface ClusterInput {
  readonly flows?: string;
  readonly objects?: string;
}

/** The facts of a cluster and its traffic from files, with its own policies. Without `objects` nothing is known of the cluster, without `flows` nothing was seen. */
export async function readJudgeInput({ flows, objects }: ClusterInput): Promise<JudgeInput> {
  const { world, policies } = objects === undefined ? factsOf([]) : await readCluster(objects);
  const seen = flows === undefined ? undefined : await readTraffic(flows, world);
  return { world: seen?.world ?? world, policies, setHash: '', incompleteMinutes: 0, ...(seen?.traffic ?? NO_TRAFFIC) };
}

const NO_TRAFFIC = { tuples: [], labelSets: new Map<string, readonly string[]>(), from: 0, to: 0 };

async function readTraffic(
  file: string,
  world: World,
): Promise<{ world: World; traffic: Pick<JudgeInput, 'tuples' | 'labelSets' | 'from' | 'to'> }> {
  const tally: FlowFileTally = { lines: 0, unreadable: 0, firstUnreadable: '' };
  const [replay, names] = [new FlowReplay(), new LearnedNames()];
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for await (const { flow } of readFlows(file, tally)) {
    replay.add(flow);
    names.learn(flow);
    from = Math.min(from, flow.time);
    to = Math.max(to, flow.time);
  }
  if (to === 0)
    throw new CausewayError('bad-input', `${file} holds no flow${tally.firstUnreadable && `; ${tally.firstUnreadable}`}`);
  const traffic = { ...replay.traffic(), from, to };
  return { world: withNames(named(world, traffic.labelSets), names.addressesByName), traffic };
}

/** Without the agents' configuration the name of the cluster is the one that most identities carry: selectors are confined to it. */
function named(world: World, labelSets: ReadonlyMap<string, readonly string[]>): World {
  if (world.missing?.includes('config') !== true || world.config.clusterName !== undefined) return world;
  const counts = new Map<string, number>();
  for (const labels of labelSets.values()) {
    const cluster = labelOf(labels, CLUSTER_KEY);
    if (cluster !== undefined) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return most ? { ...world, config: { ...world.config, clusterName: most[0] } } : world;
}

/** Policies as somebody wrote them. */
export interface WrittenSet {
  readonly policies: readonly PolicyObject[];
  readonly textOf: (policy: PolicyRef) => string | undefined;
}

/** The policies of files and folders, all of them or none: throws `bad-input` with the place of the first that cannot be read. */
export function readPolicySet(path: string): WrittenSet {
  const { policies, objects, problems } = readPolicyFiles([path]);
  const [problem] = problems;
  if (problem) throw new CausewayError('bad-input', problemLine(problem));
  const texts = new Map(policies.map(({ object, text }) => [refOf(object), text]));
  return { policies: objects, textOf: (policy) => texts.get(policy) };
}
