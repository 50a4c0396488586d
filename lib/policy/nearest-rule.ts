import type { PolicyProtocol } from './model.ts';
import { CLUSTER_KEY, NAMESPACE_KEY } from './nearest-labels.ts';
import type { RulePeer } from './nearest-peer.ts';

/** A destination port, or an ICMP type. */
export interface RulePort {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

export interface HttpMatch {
  /** RE2 expressions for the whole value, as in a policy; absent matches anything. */
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
}

/** What a rule asks of requests. */
export type RuleRequests = { readonly http: readonly HttpMatch[] } | { readonly dns: readonly DnsMatch[] };
export type DnsMatch = { readonly matchName: string } | { readonly matchPattern: string };

/** A rule to be written: peers of one kind, ports, and what it asks of requests. */
export interface NewRule {
  readonly direction: 'ingress' | 'egress';
  readonly peers: readonly RulePeer[];
  readonly ports: readonly RulePort[];
  readonly requests?: RuleRequests;
  /** The two ends authenticate each other first. */
  readonly authenticated?: boolean;
}

/** The element of `ingress` or `egress` that a rule is, in a policy of `namespace` (undefined: a clusterwide one). */
export function ciliumRule(
  { direction, peers, ports, requests, authenticated }: NewRule,
  namespace: string | undefined,
): Record<string, unknown> {
  const side = direction === 'ingress' ? 'from' : 'to';
  const pods = peers.filter((peer) => peer.kind === 'pods');
  const entities = peers.filter((peer) => peer.kind === 'entity');
  const cidrs = peers.filter((peer) => peer.kind === 'cidr');
  const names = peers.filter((peer) => peer.kind === 'fqdn');
  return {
    ...(pods.length > 0 && { [`${side}Endpoints`]: pods.map((peer) => podSelector(peer, namespace)) }),
    ...(entities.length > 0 && { [`${side}Entities`]: entities.map(({ entity }) => entity) }),
    ...(cidrs.length > 0 && { [`${side}CIDR`]: cidrs.map(({ cidr }) => cidr) }),
    ...(names.length > 0 && { toFQDNs: names.map(({ name }) => ({ matchName: name })) }),
    ...portFields(ports, requests),
    ...(authenticated === true && { authentication: { mode: 'required' } }),
  };
}

/** The element of `ingress` or `egress` of a NetworkPolicy; undefined where that kind has no words for it. */
export function networkPolicyRule(
  { direction, peers, ports, requests, authenticated }: NewRule,
  namespace: string,
): Record<string, unknown> | undefined {
  if (requests || authenticated || ports.some(({ protocol }) => protocol.startsWith('ICMP'))) return undefined;
  const named = peers.map((peer) => {
    if (peer.kind === 'cidr') return { ipBlock: { cidr: peer.cidr } };
    if (peer.kind !== 'pods' || peer.cluster !== undefined) return undefined;
    const pods = { podSelector: labelSelector(peer.choice.labels, peer.choice.absent) };
    return peer.namespace === namespace
      ? pods
      : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': peer.namespace } }, ...pods };
  });
  if (named.includes(undefined)) return undefined;
  return {
    [direction === 'ingress' ? 'from' : 'to']: named,
    ports: ports.map(({ protocol, port }) => ({ port, protocol })),
  };
}

function podSelector({ namespace: of, cluster, choice }: RulePeer & { kind: 'pods' }, namespace: string | undefined): unknown {
  return labelSelector(
    [
      ...choice.labels,
      ...(of === namespace && cluster === undefined ? [] : [{ key: `k8s:${NAMESPACE_KEY}`, value: of }]),
      ...(cluster === undefined ? [] : [{ key: `k8s:${CLUSTER_KEY}`, value: cluster }]),
    ],
    choice.absent,
  );
}

/** A Kubernetes label selector of these labels. */
export const labelSelector = (
  labels: readonly { readonly key: string; readonly value: string }[],
  absent: readonly string[],
): Record<string, unknown> => ({
  ...(labels.length > 0 && { matchLabels: Object.fromEntries(labels.map(({ key, value }) => [key, value])) }),
  ...(absent.length > 0 && { matchExpressions: absent.map((key) => ({ key, operator: 'DoesNotExist' })) }),
});

function portFields(ports: readonly RulePort[], requests: RuleRequests | undefined): Record<string, unknown> {
  const icmps = ports.filter(({ protocol }) => protocol.startsWith('ICMP'));
  if (icmps.length > 0)
    return {
      icmps: [{ fields: icmps.map(({ protocol, port }) => ({ family: protocol === 'ICMPv6' ? 'IPv6' : 'IPv4', type: port })) }],
    };
  return {
    toPorts: [
      { ports: ports.map(({ protocol, port }) => ({ port: String(port), protocol })), ...(requests && { rules: requests }) },
    ],
  };
}

const SPECIAL = /[\\.+*?()|[\]{}^$]/g;

/** An RE2 expression for exactly this text. */
export const literal = (text: string): string => text.replaceAll(SPECIAL, String.raw`\$&`);
