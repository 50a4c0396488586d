// Threads: cilium/cilium #29887, #23394, #17103; aws/karpenter-provider-aws #628, #5048; chanzuckerberg/cztack #895; METR/hawk #25.
import { type JsonRecord, listOf, recordOf } from '#lib/flow/json-record.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, parts, type WorldObject } from '#lib/world/object.ts';
import { isAgent } from '../cilium-version.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknown } from '../outcome.ts';
import { templateOf } from '../pod-template.ts';
import { type PodFacts, podsOf } from '../pods.ts';

/** Longest time between a node's birth and its first agent for which the two belong together. */
const BIRTH_MS = 15 * 60_000;

const DEFAULT_KEY = 'node.cilium.io/agent-not-ready';

export const startupTaint: PreflightCheck = {
  number: 2,
  id: 'startup-taint',
  title: 'Startup taint where nodes are born, and its toleration',
  severity: 'error',
  subsystem: 'pods and nodes',
  gates: [1],
  acknowledge: [],
  why: 'Without the taint pods are scheduled to a new node before its agent is ready, and stay unmanaged. It has to be there from the first moment: one that is added later stays until the agent restarts. And tolerations of one’s own replace the chart’s, so that the agent may keep itself off its node.',
  fix: 'Declare node.cilium.io/agent-not-ready with effect NoExecute in startupTaints of each NodePool and in the taints of each managed node group.',
  links: [
    ...threads(
      '29887',
      '23394',
      '17103',
      'aws/karpenter-provider-aws#628',
      'aws/karpenter-provider-aws#5048',
      'chanzuckerberg/cztack#895',
      'METR/hawk#25',
    ),
    ciliumDocs('Considerations on node pool taints', 'installation/taints/'),
  ],
  needs: ['node-pools', 'nodes', 'values', 'cilium-config', 'daemonsets', 'pods'],
  decide(inputs) {
    const { objects, settings } = inputs;
    const said = settings.text('agentNotReadyTaintKey');
    const key = said ?? DEFAULT_KEY;
    const missing: InputName[] = [
      ...(said === undefined ? (['values', 'cilium-config'] as const) : []),
      ...(objects.known('NodePool') || isPoolless(inputs) ? [] : (['node-pools'] as const)),
      ...(objects.all('Node').length + objects.all('NodePool').length > 0 ? [] : (['nodes'] as const)),
    ];
    const pools = objects.all('NodePool').flatMap((pool) => ofPool(pool, key, said !== undefined));
    return outcomeOf([...pools, ...ofGroups(inputs, key), ...tolerated(inputs, key)], missing);
  },
};

/** All nodes are known, and none is of a NodePool. */
const isPoolless = ({ objects }: PreflightInputs): boolean =>
  objects.known('Node') && objects.all('Node').every(({ labels }) => !Object.hasOwn(labels, 'karpenter.sh/nodepool'));

interface Taint {
  readonly key: string;
  readonly effect: string;
}
const taintsIn = (record: JsonRecord | undefined, field: string): Taint[] =>
  parts(record, field).map((taint) => ({ key: objectText(own(taint, 'key')), effect: objectText(own(taint, 'effect')) }));

/** Where the key is not certain, another one may be the one that is set. */
function ofPool(pool: WorldObject, key: string, isCertain: boolean): PreflightFinding[] {
  const title = `NodePool ${pool.name}`;
  const spec = part(part(part(pool.json, 'spec'), 'template'), 'spec');
  const startup = taintsIn(spec, 'startupTaints');
  const taint = startup.find((each) => each.key === key);
  if (taint) return effectOf(title, taint);
  if (taintsIn(spec, 'taints').some((each) => each.key === key))
    return [
      fail(
        title,
        `${key} is one of its taints, not of its startupTaints: Karpenter takes it for lasting and makes nodes for pods that do not tolerate it without end`,
        'Move it to startupTaints.',
      ),
    ];
  const other = startup.find((each) => /agent-not-ready/.test(each.key));
  if (!other) return [fail(title, `its startupTaints do not have ${key}`)];
  return isCertain ? [fail(title, `its startup taint is ${other.key}, the agents take away ${key}`)] : [];
}

function effectOf(title: string, { key, effect }: Taint): PreflightFinding[] {
  if (effect === 'NoExecute') return [note(title, `${key}:NoExecute is declared`)];
  if (effect === 'NoSchedule')
    return [
      note(
        title,
        `${key}:NoSchedule is declared: pods of a DaemonSet that tolerate everything else still come first; NoExecute sends them away`,
      ),
    ];
  return [fail(title, `${key} is declared with the effect ${effect || 'none'}, which keeps no pod away`)];
}

/**
 * Managed node groups are no objects of the cluster, and the agent takes the taint away. What shows it: a node that waits has it; a node whose agent is
 * its first had no pod before the agent.
 */
function ofGroups({ objects }: PreflightInputs, key: string): PreflightFinding[] {
  const groups = new Map<string, WorldObject[]>();
  for (const node of objects.all('Node')) {
    if (Object.hasOwn(node.labels, 'karpenter.sh/nodepool')) continue;
    const group = groupOf(node);
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  if (groups.size === 0) return [];
  const byNode = new Map<string, PodFacts[]>();
  for (const pod of podsOf(objects)) {
    const list = byNode.get(pod.node);
    if (list) list.push(pod);
    else byNode.set(pod.node, [pod]);
  }
  return [...groups].flatMap(([group, nodes]) => {
    const title = group === '' ? 'nodes of no group' : `Node group ${group}`;
    const tainted = nodes.some(({ json }) => taintsIn(part(json, 'spec'), 'taints').some((taint) => taint.key === key));
    const births = nodes.map((node) => birthOf(node, byNode.get(node.name) ?? []));
    const early = births.flatMap((birth) => birth?.early ?? []);
    if (early.length > 0)
      return early.map((pod) =>
        fail(pod.title, `it started on ${pod.node} before the agent did: the taint was not there when the node was born`),
      );
    const born = births.filter((birth) => birth !== undefined).length;
    if (tainted) return [note(title, `${key} is on a node of it that waits for its agent`)];
    if (born > 0) return [note(title, `on ${counted(born, 'node')} born with Cilium no pod started before the agent`)];
    // Beside NodePools a node or two that stand alone are worth knowing; where there is nothing else, they are the question.
    if (group === '' && objects.all('NodePool').length > 0)
      return [note(title, `${counted(nodes.length, 'node')}: nothing shows whether they are born with ${key}`)];
    return [
      unknown(
        title,
        `nothing shows whether its nodes are born with ${key}: they are older than Cilium`,
        'Declare the taint in the node group (aws eks update-nodegroup-config --taints) and replace a node: the next one shows it.',
      ),
    ];
  });
}

/** Name of its node group; empty for a node that stands alone. */
function groupOf({ labels }: WorldObject): string {
  const key = ['eks.amazonaws.com/nodegroup', 'alpha.eksctl.io/nodegroup-name'].find((label) => Object.hasOwn(labels, label));
  return key === undefined ? '' : (labels[key] ?? '');
}

/** Pods that started before the agent on a node that was born with it; undefined for a node of before Cilium, or when it is not known. */
function birthOf({ createdAt }: WorldObject, pods: readonly PodFacts[]): { readonly early: readonly PodFacts[] } | undefined {
  const agent = pods.find(({ object }) => Object.hasOwn(object.labels, 'k8s-app') && object.labels['k8s-app'] === 'cilium');
  const from = agent?.startedAt;
  if (createdAt === undefined || from === undefined || from - createdAt > BIRTH_MS) return undefined;
  return {
    early: pods.filter(
      ({ hostNetwork, isRunning, startedAt }) => isRunning && !hostNetwork && startedAt !== undefined && startedAt < from,
    ),
  };
}

/** Tolerations of one's own replace those of the chart, which tolerate everything. */
function tolerated({ values, objects }: PreflightInputs, key: string): PreflightFinding[] {
  const written = values?.get('tolerations');
  const agent = objects.all('DaemonSet').find(isAgent);
  const sources = [
    ...(Array.isArray(written) ? [{ title: 'values: tolerations', list: listOf(written) }] : []),
    ...(agent
      ? [{ title: `DaemonSet ${agent.namespace}/${agent.name}`, list: listOf(own(templateOf(agent), 'tolerations')) }]
      : []),
  ];
  return sources.flatMap(({ title, list }) =>
    list.some((toleration) => tolerates(recordOf(toleration), key))
      ? [note(title, `tolerates ${key}`)]
      : [
          fail(
            title,
            `the agent does not tolerate ${key}: it keeps itself off every new node`,
            'Add a toleration with operator Exists for it, or leave tolerations to the chart.',
          ),
        ],
  );
}

function tolerates(toleration: JsonRecord | undefined, key: string): boolean {
  if (!toleration) return false;
  const operator = own(toleration, 'operator');
  const named = objectText(own(toleration, 'key'));
  if (named === '') return operator === 'Exists';
  const effect = objectText(own(toleration, 'effect'));
  return named === key && (effect === '' || effect === 'NoExecute' || effect === 'NoSchedule');
}
