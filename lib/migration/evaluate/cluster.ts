import { counted } from '#lib/policy/lint/words.ts';
import type { ObjectSet } from '#lib/preflight/inputs.ts';
import { isAgentPod } from '#lib/preflight/cilium-version.ts';
import { containersOf, templateOf } from '#lib/preflight/pod-template.ts';
import { managedPods, podsOf } from '#lib/preflight/pods.ts';
import { factsOfVersion, KERNELS } from '#lib/preflight/version-facts.ts';
import { compareVersions, isAtLeast, minorText, parseVersion, versionOfImage, versionText } from '#lib/preflight/versions.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part, type WorldObject } from '#lib/world/object.ts';
import type { Evidence } from './evidence.ts';
import { type Measured, unknown } from './measure.ts';

const NODES = 'Nodes are not known: let the console read the cluster, or upload kubectl get nodes -o json.';

/** Share of nodes whose kernel fits every feature of the plan. */
export function kernels({ inputs: { objects } }: Evidence): Measured {
  const nodes = objects.all('Node');
  if (!objects.known('Node') || nodes.length === 0) return unknown(NODES, 'nodes');
  const needed = Object.values(KERNELS);
  const short = nodes.flatMap((node) => {
    const text = nodeInfo(node, 'kernelVersion');
    const kernel = parseVersion(text);
    if (!kernel) return [`Node ${node.name}: its kernel is not known`];
    const lacks = needed.filter(({ least }) => !isAtLeast(kernel, least)).map(({ what, least }) => `${what} (${least})`);
    return lacks.length > 0 ? [`Node ${node.name}: ${text} is too old for ${lacks.join(', ')}`] : [];
  });
  return share(
    nodes.length - short.length,
    nodes.length,
    'node',
    'have a kernel for WireGuard, eBPF host routing and kube-proxy replacement',
    short,
  );
}

/** Whether the nodes' Kubernetes is one that the Cilium version was tested with. */
export function kubernetes({ inputs: { objects, version, target } }: Evidence): Measured {
  const nodes = objects.all('Node');
  if (!objects.known('Node') || nodes.length === 0) return unknown(NODES, 'nodes');
  const cilium = parseVersion(target ?? version ?? '');
  if (!cilium) return unknown('No Cilium version is known: neither one that runs nor one to go to.', 'version', 'target-version');
  const facts = factsOfVersion(cilium);
  if (!facts) return unknown(`This console has no facts about Cilium ${minorText(cilium)}.`, 'target-version');
  const { from, to } = facts.kubernetes;
  const [oldest, newest] = [parseVersion(from), parseVersion(to)];
  if (!oldest || !newest) throw new Error(`the range ${from} to ${to} is no range of versions`);
  const outside = nodes.flatMap((node) => {
    const kubelet = parseVersion(nodeInfo(node, 'kubeletVersion'));
    if (!kubelet) return [`Node ${node.name}: its version is not known`];
    const minor = { ...kubelet, patch: 0, pre: '' };
    return compareVersions(minor, oldest) < 0 || compareVersions(minor, newest) > 0
      ? [`Node ${node.name} runs ${versionText(kubelet)}`]
      : [];
  });
  const versions = [...new Set(nodes.map((node) => nodeInfo(node, 'kubeletVersion')))].toSorted();
  return {
    kind: 'verdict',
    passes: outside.length === 0,
    value: versions.length === 1 ? (versions[0] ?? '') : counted(versions.length, 'version'),
    needs: `${from} to ${to}`,
    reason:
      outside.length === 0
        ? `Cilium ${minorText(cilium)} was tested with Kubernetes ${from} to ${to}.`
        : `${counted(outside.length, 'node')} outside of what Cilium ${minorText(cilium)} was tested with, Kubernetes ${from} to ${to}.`,
    objects: outside,
  };
}

/** Which VPC CNI runs. */
export function vpcCni({ inputs: { objects } }: Evidence): Measured {
  if (!objects.known('DaemonSet')) return unknown('DaemonSets are not known.', 'daemonsets');
  const daemonSet = objects.get('DaemonSet', 'kube-system', 'aws-node');
  if (!daemonSet) return { kind: 'verdict', passes: false, value: 'none', reason: 'There is no DaemonSet kube-system/aws-node.' };
  const image = imageOf(daemonSet, 'aws-node');
  const version = versionOfImage(image);
  if (!version) return unknown(`The image ${image.slice(0, 200)} does not say its version.`, 'daemonsets');
  return { kind: 'verdict', passes: true, value: versionText(version), reason: `aws-node runs ${image.slice(0, 200)}.` };
}

/** Share of pods that Cilium manages. */
export function podsManaged({ inputs: { objects, status } }: Evidence): Measured {
  const managed = managedPods(objects);
  if (objects.known('Pod') && managed) {
    const pods = podsOf(objects).filter(({ isRunning, hostNetwork }) => isRunning && !hostNetwork);
    if (pods.length === 0) return unknown('No pod with an address of its own is running.', 'pods');
    const left = pods.filter(({ id }) => !managed.has(id)).map(({ title }) => title);
    return share(pods.length - left.length, pods.length, 'pod', 'have a CiliumEndpoint', left);
  }
  if (status?.pods && status.pods.all > 0)
    return share(status.pods.managed, status.pods.all, 'pod', 'are managed, as cilium status says', []);
  return unknown('Pods and CiliumEndpoints are not known.', 'pods', 'endpoints');
}

/** Share of nodes with a WireGuard key, or as `cilium encryption status` counts them. */
export function wireGuard({ inputs: { objects, encryption }, uploads }: Evidence): Measured {
  if (encryption && encryption.nodes > 0) {
    const at = uploads.get('encryption-status')?.at;
    const off = encryption.details
      .filter(({ mode }) => !/^wireguard$/i.test(mode))
      .map(({ node, mode }) => `Node ${node}: ${mode}`);
    return {
      ...share(encryption.wireGuard, encryption.nodes, 'node', 'encrypt with WireGuard', off),
      ...(at !== undefined && { at }),
    };
  }
  const nodes = objects.all('CiliumNode');
  if (!objects.known('CiliumNode') || nodes.length === 0)
    return unknown(
      'CiliumNodes are not known, and cilium encryption status was not uploaded.',
      'cilium-nodes',
      'encryption-status',
    );
  const without = nodes.filter((node) => !hasKey(node)).map(({ name }) => `Node ${name} has no key`);
  return share(nodes.length - without.length, nodes.length, 'node', 'have published a WireGuard key', without);
}

const WIREGUARD_KEY = 'network.cilium.io/wg-pub-key';
const hasKey = ({ annotations }: WorldObject): boolean => Object.hasOwn(annotations, WIREGUARD_KEY);

/** Share of nodes where an agent runs and aws-node does not. */
export function rotated({ inputs: { objects } }: Evidence): Measured {
  const nodes = objects.all('Node');
  if (!objects.known('Node') || nodes.length === 0) return unknown(NODES, 'nodes');
  if (!objects.known('Pod')) return unknown('Pods are not known.', 'pods');
  const running = podsOf(objects).filter(({ isRunning }) => isRunning);
  const agents = new Set(running.filter(({ object }) => isAgentPod(object)).map(({ node }) => node));
  const old = new Set(running.filter(({ object }) => isPodOf(object, 'aws-node')).map(({ node }) => node));
  const left = nodes.flatMap(({ name }) =>
    !agents.has(name) ? [`Node ${name}: no agent of Cilium`] : old.has(name) ? [`Node ${name}: aws-node still runs`] : [],
  );
  return share(nodes.length - left.length, nodes.length, 'node', 'have Cilium as their only CNI', left);
}

/** Pods of a DaemonSet of kube-system that are left. */
export const daemonSetGone =
  (name: string) =>
  ({ inputs: { objects } }: Evidence): Measured => {
    if (!objects.known('Pod') || !objects.known('DaemonSet'))
      return unknown('Pods and DaemonSets are not known.', 'pods', 'daemonsets');
    const pods = podsOf(objects).filter(({ isRunning, object }) => isRunning && isPodOf(object, name));
    const daemonSet = objects.get('DaemonSet', 'kube-system', name);
    return {
      kind: 'figure',
      figure: pods.length,
      reason: daemonSet
        ? `The DaemonSet kube-system/${name} is still there, with ${counted(pods.length, 'pod')}.`
        : `There is no DaemonSet kube-system/${name}, and ${counted(pods.length, 'pod')} of it.`,
      objects: pods.map(({ title }) => title),
    };
  };

const isPodOf = ({ namespace, labels, owner }: WorldObject, name: string): boolean =>
  namespace === 'kube-system' &&
  ((owner?.kind === 'DaemonSet' && owner.name === name) || (Object.hasOwn(labels, 'k8s-app') && labels['k8s-app'] === name));

export const nodeInfo = ({ json }: WorldObject, field: string): string =>
  objectText(own(part(part(json, 'status'), 'nodeInfo'), field));

export const imageOf = (daemonSet: WorldObject, container: string): string =>
  objectText(
    own(
      containersOf(templateOf(daemonSet)).find((each) => own(each, 'name') === container),
      'image',
    ),
  );

/** Names of the nodes, sorted: what is hashed as the list of nodes. */
export const nodeNames = (objects: ObjectSet): string[] =>
  objects
    .all('Node')
    .map(({ name }) => name)
    .toSorted();

function share(
  have: number,
  all: number,
  what: string,
  claim: string,
  left: readonly string[],
): Extract<Measured, { kind: 'figure' }> {
  return {
    kind: 'figure',
    figure: all === 0 ? 0 : (have / all) * 100,
    value: `${have.toLocaleString('en-US')} of ${all.toLocaleString('en-US')}`,
    reason: `${have.toLocaleString('en-US')} of ${counted(all, what)} ${claim}.`,
    figures: { have, all },
    objects: left,
  };
}
