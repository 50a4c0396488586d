import type { Identity } from './identity.ts';
import type { JudgedPeers } from './judged-peers.ts';
import {
  hasReserved,
  k8sValue,
  type Label,
  labelSet,
  type LabelSet,
  parseLabel,
  POD_NAMESPACE,
  POLICY_CLUSTER,
} from './labels.ts';
import type { SeenPeer } from './model.ts';
import { type NamedPorts, podPorts, portsSignature, unknownPorts } from './named-ports.ts';
import { parseAddress, parsePrefix, type Prefix } from './schema/words.ts';
import type { JudgedPeer } from './world-index.ts';

/**
 * Whom a flow shows. A pod is judged by the labels it was seen with, listed in the world or not. What the record does not hold (an address, names,
 * whether a node is the one of the other side) stays unknown.
 */
export function seenPeer(seen: SeenPeer, peers: JudgedPeers): JudgedPeer {
  const labels = labelSet(seen.labels.map(parseLabel));
  const is = (name: string) => hasReserved(labels, name);
  if (is('host') || is('remote-node')) return seenNode(seen, labels, peers);
  if (is('world') || is('world-ipv4') || is('world-ipv6') || isOfAddress(labels)) return seenOutside(seen, labels, peers);
  if (k8sValue(labels, POD_NAMESPACE) !== undefined || is('init')) return seenPod(seen, labels, peers);
  if (is('health') || is('ingress')) {
    const identity = peers.index.identity('other', labels);
    return { identity, subject: peers.index.subject(identity, 'endpoint') };
  }
  if (is('unmanaged')) return { identity: peers.index.identity('other', labels), subject: undefined };
  const identity = peers.index.identity('unknown', labels);
  return { identity, subject: peers.index.subject(identity, 'unknown') };
}

const isOfAddress = (labels: LabelSet): boolean =>
  labels.texts.some((text) => text.startsWith('cidr:') || text.startsWith('fqdn:') || text.startsWith('cidrgroup:'));

function seenPod(seen: SeenPeer, labels: LabelSet, peers: JudgedPeers): JudgedPeer {
  const { index } = peers;
  const identity = index.identity('pod', labels);
  if ((k8sValue(labels, POLICY_CLUSTER) ?? index.cluster) !== index.cluster) return { identity, subject: undefined };
  const { ports, signature } = portsOf(seen, labels, peers);
  return { identity, subject: index.subject(identity, 'endpoint', ports, signature) };
}

/** Named ports of a pod seen: those of the pods with its labels, if they agree or one has its address. */
function portsOf({ ip }: SeenPeer, labels: LabelSet, peers: JudgedPeers): { ports: NamedPorts; signature: string } {
  const pods = peers.podsWith(labels.texts);
  const [first] = pods;
  const own = pods.find((pod) => ip !== undefined && pod.ip === ip);
  const isAgreed = first !== undefined && pods.every((pod) => portsSignature(pod) === portsSignature(first));
  const pod = own ?? (isAgreed ? first : undefined);
  return pod ? { ports: podPorts(pod), signature: portsSignature(pod) } : { ports: unknownPorts, signature: 'unknown' };
}

function seenNode(seen: SeenPeer, labels: LabelSet, peers: JudgedPeers): JudgedPeer {
  const { index } = peers;
  const node = peers.nodeOf(seen.ip);
  const address = (seen.ip === undefined ? undefined : parseAddress(seen.ip)) ?? 'unknown';
  const others = allLabels(labels).filter(({ source, key }) => source !== 'reserved' || key === 'kube-apiserver');
  const host = index.hostIdentity(
    node,
    others.filter(({ source }) => source !== 'node'),
  );
  const remote = index.remoteNodeIdentity(
    node,
    others.filter(({ source }) => source !== 'k8s' || index.world.config.nodeSelectorLabels === true),
    address,
  );
  const identity = seen.local === undefined ? index.eitherIdentity(host, remote) : seen.local ? host : remote;
  if (!index.world.config.hostFirewall) return { identity, subject: undefined };
  // Every node is the local host of its own agent; its labels are known when the world has it or the flow showed it as its own host.
  const isKnown = node !== undefined || hasReserved(labels, 'host');
  return { identity, subject: isKnown ? index.hostSubject(host) : index.subject(host, 'unknown') };
}

function seenOutside({ ip, names }: SeenPeer, labels: LabelSet, peers: JudgedPeers): JudgedPeer {
  const address = (ip === undefined ? undefined : parseAddress(ip)) ?? addressOfLabels(labels);
  const learned = ip === undefined ? 'unknown' : peers.namesOf(ip);
  const isApiServer = hasReserved(labels, 'kube-apiserver') || (ip !== undefined && peers.isApiServer(ip));
  const allNames: Identity['names'] = names ? [...new Set([...names, ...(learned === 'unknown' ? [] : learned)])] : learned;
  const family = hasReserved(labels, 'world-ipv4') ? 4 : hasReserved(labels, 'world-ipv6') ? 6 : undefined;
  return { identity: peers.index.outsideIdentity(address, allNames, isApiServer, family), subject: undefined };
}

/** Where an address is by the label of the narrowest prefix that policies named at that time. IPv6 is written with dashes there. */
function addressOfLabels(labels: LabelSet): Prefix | 'unknown' {
  const narrowest = allLabels(labels)
    .flatMap(({ source, key }) => (source === 'cidr' ? (parsePrefix(key.replaceAll('-', ':')) ?? []) : []))
    .toSorted((a, b) => b.bits - a.bits)[0];
  return narrowest && narrowest.bits > 0 ? narrowest : 'unknown';
}

const allLabels = (labels: LabelSet): Label[] => [...labels.byKey.values()].flat();
