import { RESERVED_IDENTITIES } from './enums.ts';
import type { Endpoint, Flow, Workload } from './flow.ts';

export type Side = 'source' | 'destination';

/** Entity labels that say more than `world` when an endpoint carries both. */
const RESERVED_LABEL = 'reserved:';

/** ReplicaSet and Job pods end in a hash and five random characters, DaemonSet pods in the five, StatefulSet pods in a number. */
const POD_SUFFIXES: readonly (readonly [RegExp, string])[] = [
  [/^(.+)-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/, 'Deployment'],
  [/^(.+)-\d{8}-[bcdfghjklmnpqrstvwxz2456789]{5}$/, 'CronJob'],
  [/^(.+)-\d{1,4}$/, 'StatefulSet'],
  [/^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/, 'DaemonSet'],
];

/**
 * The workload of a pod: Hubble's own answer, else what the pod's name tells (the suffixes that Kubernetes' controllers give), else the pod
 * itself as a workload of one. Undefined for what is no pod.
 */
export function workloadOf(endpoint: Endpoint): Workload | undefined {
  if (endpoint.workload !== undefined && endpoint.workload.name !== '') return endpoint.workload;
  if (endpoint.podName === '') return undefined;
  for (const [suffix, kind] of POD_SUFFIXES) {
    const name = suffix.exec(endpoint.podName)?.[1];
    if (name !== undefined) return { name, kind };
  }
  return { name: endpoint.podName, kind: 'Pod' };
}

/**
 * The reserved entity that an endpoint is (`world`, `host`, `kube-apiserver`, ...), by its numeric identity, else by its `reserved:` label;
 * undefined for pods and unknown identities. The address families of the world are one entity.
 */
export function entityOf({ identity, labels, podName }: Endpoint): string | undefined {
  const name = RESERVED_IDENTITIES.get(identity) ?? (podName === '' ? reservedLabel(labels) : undefined);
  return name === 'world-ipv4' || name === 'world-ipv6' ? 'world' : name;
}

function reservedLabel(labels: readonly string[]): string | undefined {
  const names = labels
    .filter((label) => label.startsWith(RESERVED_LABEL))
    .map((label) => label.slice(RESERVED_LABEL.length).replace(/=.*$/s, ''));
  return names.find((name) => !name.startsWith('world')) ?? names[0];
}

/** Whether an endpoint lies outside the cluster: the world or an address range of it, not a pod, node or API server. */
export const isWorld = (endpoint: Endpoint): boolean => entityOf(endpoint) === 'world';

/** A learned DNS name of one side: as Hubble resolved it, else as the `fqdn:` label of its identity says. */
export function dnsNameOf(flow: Pick<Flow, Side | 'sourceNames' | 'destinationNames'>, side: Side): string | undefined {
  const [name] = side === 'source' ? flow.sourceNames : flow.destinationNames;
  const label = flow[side].labels.find((candidate) => candidate.startsWith('fqdn:'))?.slice('fqdn:'.length);
  return (name ?? (label?.includes('*') ? undefined : label))?.replace(/\.$/, '');
}

export const addressOf = (flow: Pick<Flow, 'ip'>, side: Side): string => flow.ip?.[side] ?? '';

/**
 * One side of a flow in the words of a person: `payments/ledger`, `api.example.com`, `kube-apiserver`, `203.0.113.7`, `world`,
 * `identity:60417`, or `unknown`. With `pod`, pods are named instead of their workloads. Hostile text: show it through `visibleText`.
 */
export function nameOf(
  flow: Pick<Flow, Side | 'sourceNames' | 'destinationNames' | 'ip'>,
  side: Side,
  level: 'workload' | 'pod' = 'workload',
): string {
  const endpoint = flow[side];
  const name = level === 'pod' ? endpoint.podName : workloadOf(endpoint)?.name;
  if (name !== undefined && name !== '') return endpoint.namespace === '' ? name : `${endpoint.namespace}/${name}`;
  const entity = entityOf(endpoint);
  if (entity !== undefined && entity !== 'world') return entity;
  const outside = dnsNameOf(flow, side) ?? addressOf(flow, side);
  if (outside !== '') return outside;
  return entity ?? (endpoint.identity > 0 ? `identity:${endpoint.identity}` : 'unknown');
}
