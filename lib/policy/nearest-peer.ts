import ipaddr from 'ipaddr.js';
import { describeExpression } from './describe-selector.ts';
import type { SeenPeer } from './model.ts';
import { choosePods, CLUSTER_KEY, labelOf, namespaceOf, type PodChoice } from './nearest-labels.ts';

/** Whom a rule names: the narrowest words that Cilium has for a peer. */
export type RulePeer =
  | { readonly kind: 'pods'; readonly namespace: string; readonly cluster?: string; readonly choice: PodChoice }
  | { readonly kind: 'entity'; readonly entity: string }
  | { readonly kind: 'fqdn'; readonly name: string }
  | { readonly kind: 'cidr'; readonly cidr: string };

/** Why no rule can name a peer, in words. */
export interface NoPeer {
  readonly kind: 'none';
  readonly code: 'unknown-identity' | 'no-address' | 'no-labels';
  readonly reason: string;
}

export interface PeerNaming {
  readonly direction: 'ingress' | 'egress';
  /** Of the cluster that is judged; absent is Cilium's default. */
  readonly clusterName?: string | undefined;
  /** Identities in the peer's namespace that must not be let in with it. */
  readonly avoid?: readonly (readonly string[])[];
  readonly preferredKeys?: readonly string[];
}

/** Reserved entities, the narrowest first: an API server on a node is `remote-node` too. */
const ENTITY_ORDER = ['kube-apiserver', 'host', 'health', 'ingress', 'init', 'unmanaged', 'remote-node'];

/** How a rule names this peer; several identities are those of one workload. */
export function rulePeerOf(
  peer: SeenPeer,
  naming: PeerNaming,
  identities: readonly (readonly string[])[] = [peer.labels],
): RulePeer | NoPeer {
  const { labels } = peer;
  const namespace = namespaceOf(labels);
  if (namespace !== undefined) {
    const choice = choosePods(identities, naming.avoid ?? [], naming.preferredKeys);
    if (!choice)
      return { kind: 'none', code: 'no-labels', reason: 'its labels do not outlast a rollout: no selector can name it' };
    const cluster = labelOf(labels, CLUSTER_KEY);
    return {
      kind: 'pods',
      namespace,
      choice,
      ...(cluster !== undefined && cluster !== (naming.clusterName ?? 'default') && { cluster }),
    };
  }
  const entity = ENTITY_ORDER.find((name) =>
    labels.some((label) => label === `reserved:${name}` || label === `reserved:${name}=`),
  );
  if (entity !== undefined) return { kind: 'entity', entity };
  if (!isOutside(labels)) return { kind: 'none', code: 'unknown-identity', reason: 'nobody knows whose identity it is' };
  return outsidePeer(peer, naming);
}

/** Whether the labels are those of an address outside the cluster. */
export const isOutside = (labels: readonly string[]): boolean =>
  labels.some((label) => /^reserved:world(-ipv[46])?=?$|^(cidr|fqdn|cidrgroup):/.test(label));

function outsidePeer({ ip, names = [], labels }: SeenPeer, { direction }: PeerNaming): RulePeer | NoPeer {
  if (isMetadataAddress(ip) && ip) return { kind: 'cidr', cidr: singleAddress(ip) };
  const [name] = names;
  if (direction === 'egress' && name !== undefined && isNameable(name))
    return { kind: 'fqdn', name: name.replace(/\.$/, '').toLowerCase() };
  if (ip !== undefined && ipaddr.isValid(ip)) return { kind: 'cidr', cidr: singleAddress(ip) };
  const cidr = labels
    .findLast((label) => label.startsWith('cidr:'))
    ?.slice(5)
    .replace(/=$/, '')
    .replaceAll('-', ':');
  if (cidr !== undefined && ipaddr.isValidCIDR(cidr) && !cidr.endsWith('/0')) return { kind: 'cidr', cidr };
  return { kind: 'none', code: 'no-address', reason: 'its address was not recorded' };
}

/** A name that `toFQDNs` takes: letters, digits, `-`, `_` and dots. */
const isNameable = (name: string): boolean => name.length <= 255 && /^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(name);

/** The prefix that holds one address. */
export function singleAddress(ip: string): string {
  const address = ipaddr.process(ip);
  return `${address.toString()}/${address.kind() === 'ipv4' ? 32 : 128}`;
}

/** Link-local addresses of AWS that pods ask for credentials. They are no names and never change. */
export const METADATA_ADDRESSES: ReadonlyMap<string, string> = new Map([
  ['169.254.170.23', 'the EKS Pod Identity agent'],
  ['fd00:ec2::23', 'the EKS Pod Identity agent'],
  ['169.254.169.254', 'the instance metadata service (IMDS)'],
  ['fd00:ec2::254', 'the instance metadata service (IMDS)'],
]);

export const isMetadataAddress = (ip: string | undefined): boolean => ip !== undefined && METADATA_ADDRESSES.has(ip);

/** A peer in words: `payments/ledger`, `host`, `api.example.com`, `203.0.113.7/32`. */
export function describePeer(peer: RulePeer): string {
  if (peer.kind === 'entity') return peer.entity;
  if (peer.kind === 'fqdn') return peer.name;
  if (peer.kind === 'cidr') return peer.cidr;
  const [only] = peer.choice.labels;
  const absent = peer.choice.absent.map((key) => describeExpression({ key, operator: 'DoesNotExist' }));
  const where = peer.cluster === undefined ? peer.namespace : `${peer.namespace} of cluster ${peer.cluster}`;
  if (only && peer.choice.labels.length === 1 && absent.length === 0 && peer.cluster === undefined)
    return `${peer.namespace}/${only.value}`;
  return `${[...peer.choice.labels.map(({ key, value }) => `${key}=${value}`), ...absent].join(', ')} in ${where}`;
}
